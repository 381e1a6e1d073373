-- How payloads are protected at rest, how a person is found in the ledger, and what operators did.

alter table event
    add column people             text[],
    add column protection         text,
    add column payload_removed_at timestamptz;

comment on column event.people is
    'Keyed hashes of the e-mail addresses, profile ids and account ids in the payload: a person is found by them.';
comment on column event.protection is
    'Which keys sealed the payload and hashed the people in it; what is not today''s is renewed bit by bit.';
comment on column event.payload_removed_at is
    'When the payload was taken out, by retention or by an erasure; the rest of the row is the account of it.';

create index event_people on event using gin (people) where people is not null;
-- Only events of before this migration, until they are renewed.
create index event_people_unknown on event (sequence) where people is null;
create index event_payload on event (received_at) where payload_removed_at is null;

create table protection_key (
    id     text primary key,
    kind   text        not null check (kind in ('payload', 'look-up')),
    secret text,
    since  timestamptz not null default now()
);

comment on table protection_key is
    'Ids of the keys in use. A secret is here only for look-ups, and only while the environment gives no key.';

create table audit (
    id             bigint generated always as identity primary key,
    at             timestamptz not null default now(),
    actor          text        not null,
    action         text        not null,
    object         text        not null,
    count          bigint,
    detail         text        not null default '{}',
    remote_address text        not null
);

comment on table audit is 'What operators did. Rows can be added; only very old ones can be removed, none changed.';
comment on column audit.object is 'What it was done to: a target, an event, a replay; a person only as a keyed hash.';

create index audit_at on audit (at);

-- Whatever the service is told to keep for how long: a year is kept in any case.
create function refuse_to_change_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < now() - interval '365 days' then
        return old;
    end if;
    raise exception 'the audit is append-only';
end
$$;

create trigger audit_row_is_append_only before update or delete on audit
    for each row execute function refuse_to_change_audit();
create trigger audit_is_append_only before truncate on audit
    for each statement execute function refuse_to_change_audit();
