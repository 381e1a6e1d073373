-- What the console finds events by, and what people decide about what failed.

alter table event
    add column mended_from text,
    add column closed_at   timestamptz;

comment on column event.mended_from is
    'Id of the event whose payload somebody mended; this one has the mended payload, that one is untouched.';
comment on column event.closed_at is
    'When somebody discarded the unroutable event or mended a copy of it: nobody has to see to it any more.';

create index event_mended_from on event (mended_from) where mended_from is not null;
-- The kinds of event, and the newest of each.
create index event_kind on event (type, status, sequence);

-- The newest events with a delivery that was not made; nearly all others are delivered.
create index delivery_not_made on delivery (state, target, event_sequence desc) where state <> 'delivered';
create index delivery_settled on delivery using brin (settled_at) with (autosummarize = on);

create table acknowledgement (
    target     text        not null,
    cause_code text        not null,
    at         timestamptz not null default now(),
    actor      text        not null,
    comment    text        not null,
    count      bigint      not null,
    primary key (target, cause_code)
);

comment on table acknowledgement is
    'Who sees to the dead letters of a cause. It counts while one of them is older than it: what failed anew is news.';
