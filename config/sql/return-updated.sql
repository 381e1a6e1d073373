-- Writes a batch of return-updated events: each into the history,
-- the newest of each return into its current state.
-- Takes the rows of return-updated-to-database.jslt as one JSON array; answers one row per event, in order.
-- An event that finds a newer one in place changes nothing but the history and is answered as superseded.
-- What a webhook leaves out stays as it was, the item list too: the sender may send only what changed.
-- So of several events of one object in a batch, each fact is the newest that was sent.
-- Keys are written in order, so that two batches never wait for each other in a circle.
with incoming as (
  select sent.*, event.*
  from jsonb_array_elements(cast(:?rows as jsonb)) with ordinality as sent (facts, ordinality)
  cross join lateral jsonb_to_record(sent.facts) as event (
    event_id text, event_sequence bigint, event_type text, sender text, entity_kind text, key text,
    status text, occurred_at timestamptz, received_at timestamptz, item_list_sent boolean, item jsonb
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
  left join return_request as current using (key)
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
    cross join lateral jsonb_each(jsonb_strip_nulls(facts) - 'item') as fact (name, value)
    group by key
  ) as known
  cross join lateral jsonb_to_record(known.facts) as newest (
    event_id text, event_sequence bigint, key text, status text, occurred_at timestamptz,
    process_name text, exchange boolean, processed boolean, payment_state text, origin text, agent_id text,
    authorized_at timestamptz, order_id text, replacement_order_id text, profile_id text,
    organization_id text, site_id text, order_changed_at timestamptz, refund_type text,
    total_refund_amount numeric, item_refund_amount numeric, tax_refund_amount numeric,
    shipping_refund_amount numeric, other_refund_amount numeric, fee_amount numeric, currency text,
    secondary_currency text, exchange_rate numeric, comments text, item_list_cut boolean
  )
),
newest_list as (
  select distinct on (key) key, item
  from due
  where item_list_sent
  order by key, occurred_at desc, event_sequence desc
),
applied as (
  insert into return_request as current (
    key, status, occurred_at, event_sequence, source_event_id,
    process_name, exchange, processed, payment_state, origin, agent_id, authorized_at, order_id,
    replacement_order_id, profile_id, organization_id, site_id, order_changed_at, refund_type,
    total_refund_amount, item_refund_amount, tax_refund_amount, shipping_refund_amount, other_refund_amount,
    fee_amount, currency, secondary_currency, exchange_rate, comments, item_list_cut
  )
  select
    key, status, occurred_at, event_sequence, event_id,
    process_name, exchange, processed, payment_state, origin, agent_id, authorized_at, order_id,
    replacement_order_id, profile_id, organization_id, site_id, order_changed_at, refund_type,
    total_refund_amount, item_refund_amount, tax_refund_amount, shipping_refund_amount, other_refund_amount,
    fee_amount, currency, secondary_currency, exchange_rate, comments, item_list_cut
  from newest
  order by key
  on conflict (key) do update set
    status = excluded.status,
    occurred_at = excluded.occurred_at,
    event_sequence = excluded.event_sequence,
    source_event_id = excluded.source_event_id,
    process_name = coalesce(excluded.process_name, current.process_name),
    exchange = coalesce(excluded.exchange, current.exchange),
    processed = coalesce(excluded.processed, current.processed),
    payment_state = coalesce(excluded.payment_state, current.payment_state),
    origin = coalesce(excluded.origin, current.origin),
    agent_id = coalesce(excluded.agent_id, current.agent_id),
    authorized_at = coalesce(excluded.authorized_at, current.authorized_at),
    order_id = coalesce(excluded.order_id, current.order_id),
    replacement_order_id = coalesce(excluded.replacement_order_id, current.replacement_order_id),
    profile_id = coalesce(excluded.profile_id, current.profile_id),
    organization_id = coalesce(excluded.organization_id, current.organization_id),
    site_id = coalesce(excluded.site_id, current.site_id),
    order_changed_at = coalesce(excluded.order_changed_at, current.order_changed_at),
    refund_type = coalesce(excluded.refund_type, current.refund_type),
    total_refund_amount = coalesce(excluded.total_refund_amount, current.total_refund_amount),
    item_refund_amount = coalesce(excluded.item_refund_amount, current.item_refund_amount),
    tax_refund_amount = coalesce(excluded.tax_refund_amount, current.tax_refund_amount),
    shipping_refund_amount = coalesce(excluded.shipping_refund_amount, current.shipping_refund_amount),
    other_refund_amount = coalesce(excluded.other_refund_amount, current.other_refund_amount),
    fee_amount = coalesce(excluded.fee_amount, current.fee_amount),
    currency = coalesce(excluded.currency, current.currency),
    secondary_currency = coalesce(excluded.secondary_currency, current.secondary_currency),
    exchange_rate = coalesce(excluded.exchange_rate, current.exchange_rate),
    comments = coalesce(excluded.comments, current.comments),
    item_list_cut = coalesce(excluded.item_list_cut, current.item_list_cut),
    updated_at = excluded.updated_at
  where (excluded.occurred_at, excluded.event_sequence) >= (current.occurred_at, current.event_sequence)
  returning key, occurred_at, event_sequence
),
cleared as materialized (
  select newest_list.key, newest_list.item, clear_return_request_item(newest_list.key)
  from applied
  join newest_list using (key)
),
listed as (
  insert into return_request_item (
    return_request_key,
    line, path, parent_path, depth, return_item_id, commerce_item_id, product_id, sku_id, product_name,
    ordered_quantity, quantity_to_return, quantity_to_exchange, quantity_received, quantity_returned,
    price_amount, refund_amount, suggested_refund_amount, currency, reason, disposition, state, comments
  )
  select
    cleared.key,
    item.line, item.path, item.parent_path, item.depth, item.return_item_id, item.commerce_item_id,
    item.product_id, item.sku_id, item.product_name, item.ordered_quantity, item.quantity_to_return,
    item.quantity_to_exchange, item.quantity_received, item.quantity_returned, item.price_amount,
    item.refund_amount, item.suggested_refund_amount, item.currency, item.reason, item.disposition, item.state,
    item.comments
  from cleared
  cross join lateral jsonb_to_recordset(coalesce(cleared.item, cast('[]' as jsonb))) as item (
    line integer, path text, parent_path text, depth integer, return_item_id text, commerce_item_id text,
    product_id text, sku_id text, product_name text, ordered_quantity numeric, quantity_to_return numeric,
    quantity_to_exchange numeric, quantity_received numeric, quantity_returned numeric, price_amount numeric,
    refund_amount numeric, suggested_refund_amount numeric, currency text, reason text, disposition text,
    state text, comments text
  )
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
