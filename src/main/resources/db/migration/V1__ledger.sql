-- The ledger: what was received, who must hear of it, and what came of every attempt.

create table event (
    sequence        bigint generated always as identity primary key,
    id              text        not null unique,
    sender          text        not null,
    type            text        not null,
    status          text        not null,
    entity_kind     text        not null,
    entity_key      text,
    occurred_at     timestamptz not null,
    received_at     timestamptz not null default now(),
    attributes      text        not null,
    mapping         text,
    body            text        not null,
    state           text        not null check (state in ('received', 'routed', 'unroutable')),
    attempts        integer     not null default 0,
    next_attempt_at timestamptz not null default now(),
    routed_at       timestamptz,
    reason          text
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

comment on table event is 'A verified, redacted webhook: what is kept and routed.';
comment on column event.sequence is 'Order of arrival; decides between events of one entity that occurred at the same instant.';
comment on column event.id is 'Stable id made from the sender''s own id or the body; the same webhook always gets the same id.';
comment on column event.entity_key is 'Key of the business object; null when the webhook named none (such an event is unroutable).';
comment on column event.attributes is 'JSON object of the few facts that routing decides by and people search by.';
comment on column event.mapping is 'The file in config/mappings that read the payload; a new routing of an unroutable event reads it again.';
comment on column event.body is 'The payload as the sender wrote it, after redaction.';
comment on column event.reason is 'Why the event is unroutable, or why its last routing attempt failed.';

create index event_to_route on event (type, next_attempt_at, sequence) where state = 'received';
create index event_unroutable on event (type, status, sequence) where state = 'unroutable';
create index event_entity on event (entity_key, entity_kind, sequence) where entity_key is not null;

create index event_received_at on event using brin (received_at);

create table delivery (
    id              bigint generated always as identity primary key,
    event_sequence  bigint      not null references event (sequence) on delete cascade,
    target          text        not null,
    audience        text        not null default '',
    type            text        not null,
    entity          text        not null,
    occurred_at     timestamptz not null,
    parameters      text        not null default '{}',
    state           text        not null default 'waiting'
                    check (state in ('waiting', 'delivered', 'superseded', 'dead')),
    attempts        integer     not null default 0,
    failures        integer     not null default 0,
    next_attempt_at timestamptz not null default now(),
    booked_at       timestamptz not null default now(),
    settled_at      timestamptz,
    reference       text,
    progress        text,
    cause_code      text,
    cause           text,
    unique (event_sequence, target, audience)
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

comment on column delivery.state is 'A waiting delivery counts as held while its target is on hold.';
comment on table delivery is 'One event to one target (and one audience, where a target has several).';
comment on column delivery.entity is 'Kind and key of the business object, as kind/key: the lane that the order guard keeps.';
comment on column delivery.parameters is 'JSON object of what routing said about this delivery, e.g. which mail to write.';
comment on column delivery.failures is 'Attempts that count against the retry clock: not those of a target on hold, and none after a replay.';
comment on column delivery.reference is 'What the target calls the result: a record id, a Message-ID.';
comment on column delivery.progress is 'What a partly successful attempt did already, e.g. addresses that took the mail.';
comment on column delivery.cause_code is 'Short code of the last failure, the same for the same kind of failure.';

create index delivery_due on delivery (target, type, next_attempt_at, id) where state = 'waiting';
create index delivery_lane on delivery (target, entity, occurred_at, event_sequence)
    where state in ('waiting', 'delivered');
create index delivery_dead on delivery (target, cause_code, id) where state = 'dead';

create table attempt (
    delivery_id bigint      not null references delivery (id) on delete cascade,
    number      integer     not null,
    started_at  timestamptz not null,
    ended_at    timestamptz not null,
    outcome     text        not null check (outcome in ('retry', 'hold', 'dead')),
    code        text        not null,
    detail      text        not null,
    primary key (delivery_id, number)
);

comment on table attempt is 'Attempts that did not deliver; the one that did is told by the delivery itself.';

create table target (
    name   text primary key,
    state  text        not null check (state in ('active', 'held')),
    reason text        not null default '',
    detail text        not null default '',
    since  timestamptz not null default now(),
    until  timestamptz
);

comment on table target is 'Who must hear, and whether deliveries to it are on hold; the same for all nodes.';
comment on column target.reason is 'Why it is on hold: circuit, login, quota, asked (Retry-After) or paused (by an operator).';
comment on column target.until is 'When one delivery is tried to see whether the target is well; null waits for an operator.';

create table replay (
    id           bigint generated always as identity primary key,
    created_at   timestamptz not null default now(),
    created_by   text        not null,
    kind         text        not null check (kind in ('deliveries', 'events')),
    filter       text        not null,
    state        text        not null default 'running' check (state in ('running', 'done', 'cancelled')),
    total        bigint      not null,
    done         bigint      not null default 0,
    ended_at     timestamptz
);

comment on table replay is 'Deliveries (or events to route again) that an operator asked for, taken up at a steady pace.';

create table notice (
    subject    text primary key,
    count      bigint      not null,
    told_count bigint      not null default 0,
    first_at   timestamptz not null default now(),
    told_at    timestamptz,
    gone_at    timestamptz
);

comment on table notice is 'What operators were told: once per subject and hour, and once when it is gone.';

create table shedlock (
    name       text primary key,
    lock_until timestamp not null,
    locked_at  timestamp not null,
    locked_by  text      not null
);

comment on table shedlock is 'Which node does what only one may do at a time.';

create table rejected_webhook (
    id             bigint generated always as identity primary key,
    received_at    timestamptz not null default now(),
    sender         text        not null,
    path           text        not null,
    status         integer     not null,
    reason         text        not null,
    detail         text        not null,
    remote_address text        not null
);

comment on table rejected_webhook is 'Webhooks refused at the door, without their bodies.';

create index rejected_webhook_time on rejected_webhook (received_at desc);
