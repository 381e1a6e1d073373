-- Writes a batch of subscription-renewed events: each into the history,
-- the newest of each subscription into its current state.
-- Takes the rows of subscription-renewed-to-database.jslt as one JSON array; answers one row per event, in order.
-- An event that finds a newer one in place changes nothing but the history and is answered as superseded.
-- Keys are written in order, so that two batches never wait for each other in a circle.
with incoming as (
  select event.*
  from rows from (
    jsonb_to_recordset(cast(:?rows as jsonb)) as (
      event_id text, event_sequence bigint, event_type text, sender text, entity_kind text, key text,
      status text, occurred_at timestamptz, received_at timestamptz,
      account_id text
    )
  ) with ordinality as event
),
recorded as (
  insert into status_history (
    event_id, event_sequence, event_type, sender, entity_kind, entity_key, status, occurred_at, received_at
  )
  select event_id, event_sequence, event_type, sender, entity_kind, key, status, occurred_at, received_at
  from incoming
  order by event_id
  on conflict (event_id) do nothing
),
newest as (
  select distinct on (key) *
  from incoming
  where key is not null
  order by key, occurred_at desc, event_sequence desc
),
applied as (
  insert into subscription as current (
    key, status, occurred_at, event_sequence, source_event_id,
    account_id
  )
  select
    key, status, occurred_at, event_sequence, event_id,
    account_id
  from newest
  order by key
  on conflict (key) do update set
    status = excluded.status,
    occurred_at = excluded.occurred_at,
    event_sequence = excluded.event_sequence,
    source_event_id = excluded.source_event_id,
    account_id = coalesce(excluded.account_id, current.account_id),
    updated_at = excluded.updated_at
  where (excluded.occurred_at, excluded.event_sequence) >= (current.occurred_at, current.event_sequence)
  returning key, occurred_at, event_sequence
)
select
  true as success,
  incoming.key is not null and (
    applied.key is null
    or (applied.occurred_at, applied.event_sequence) > (incoming.occurred_at, incoming.event_sequence)
  ) as superseded
from incoming
left join applied on applied.key = incoming.key
order by incoming.ordinality
