-- Which routes and config an event and each delivery ran on, and the sets themselves, to go back to.

create table file_set (
    hash          text primary key,
    files         jsonb       not null,
    first_live_at timestamptz not null default now()
);

comment on table file_set is 'Routes and config that were live once, by their hash; never removed, because events name them.';
comment on column file_set.files is 'Each file''s name and the hash of its text in file_text.';

create table file_text (
    hash text primary key,
    text text not null
);

comment on table file_text is 'The texts of the files of all sets, each kept once.';

create table file_set_rollback (
    one      boolean primary key default true check (one),
    hash     text        not null references file_set (hash),
    instead  text        not null,
    actor    text        not null,
    asked_at timestamptz not null default now()
);

comment on table file_set_rollback is 'The set that every node runs on, as long as its files are still those it is run on instead of.';

alter table event add column files text;
alter table delivery add column files text;
alter table attempt add column files text;

comment on column event.files is 'The set of files on which the event was read.';
comment on column delivery.files is 'The set of files on which the last attempt ran.';
comment on column attempt.files is 'The set of files on which the attempt ran.';
