-- Writes a batch of order-status-changed events: each into the history,
-- the newest of each order into its current state.
-- Takes the rows of order-status-changed-to-database.jslt as one JSON array; answers one row per event, in order.
-- An event that finds a newer one in place changes nothing but the history and is answered as superseded.
-- An account once known stays known when a later webhook leaves it blank.
-- So of several events of one object in a batch, each fact is the newest that was sent.
-- Keys are written in order, so that two batches never wait for each other in a circle.
with incoming as (
  select sent.*, event.*
  from jsonb_array_elements(cast(:?rows as jsonb)) with ordinality as sent (facts, ordinality)
  cross join lateral jsonb_to_record(sent.facts) as event (
    event_id text, event_sequence bigint, event_type text, sender text, entity_kind text, key text,
    status text, occurred_at timestamptz, received_at timestamptz
  )
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
due as (
  select incoming.*
  from incoming
  left join commerce_order as current using (key)
  where key is not null
    and (
      current.key is null
      or (incoming.occurred_at, incoming.event_sequence) >= (current.occurred_at, current.event_sequence)
    )
),
newest as (
  select newest.*
  from (
    select jsonb_object_agg(fact.name, fact.value order by occurred_at, event_sequence) as facts
    from due
    cross join lateral jsonb_each(jsonb_strip_nulls(facts)) as fact (name, value)
    group by key
  ) as known
  cross join lateral jsonb_to_record(known.facts) as newest (
    event_id text, event_sequence bigint, key text, status text, occurred_at timestamptz,
    account_id text
  )
),
applied as (
  insert into commerce_order as current (
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
