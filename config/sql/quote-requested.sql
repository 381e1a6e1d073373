-- Writes a batch of quote-requested events: each into the history,
-- the newest of each quote request into its current state.
-- Takes the rows of quote-requested-to-database.jslt as one JSON array; answers one row per event, in order.
-- An event that finds a newer one in place changes nothing but the history and is answered as superseded.
-- Each request replaces the one before, but a webhook without an item list leaves the items alone; in one batch too.
-- Keys are written in order, so that two batches never wait for each other in a circle.
with incoming as (
  select event.*
  from rows from (
    jsonb_to_recordset(cast(:?rows as jsonb)) as (
      event_id text, event_sequence bigint, event_type text, sender text, entity_kind text, key text,
      status text, occurred_at timestamptz, received_at timestamptz,
      operation text, channel text, site_id text, profile_id text, organization_id text, shopper_name text,
      shopper_email text, shopper_phone text, company_name text, note text, total_amount numeric,
      remaining_amount numeric, currency text, requested_at timestamptz, item_list_sent boolean,
      item_list_cut boolean, item jsonb
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
due as (
  select incoming.*
  from incoming
  left join quote_request as current using (key)
  where key is not null
    and (
      current.key is null
      or (incoming.occurred_at, incoming.event_sequence) >= (current.occurred_at, current.event_sequence)
    )
),
newest as (
  select distinct on (key) *
  from due
  order by key, occurred_at desc, event_sequence desc
),
newest_list as (
  select distinct on (key) key, item
  from due
  where item_list_sent
  order by key, occurred_at desc, event_sequence desc
),
newest_cut as (
  select distinct on (key) key, item_list_cut
  from due
  where item_list_cut is not null
  order by key, occurred_at desc, event_sequence desc
),
applied as (
  insert into quote_request as current (
    key, status, occurred_at, event_sequence, source_event_id,
    operation, channel, site_id, profile_id, organization_id, shopper_name, shopper_email, shopper_phone,
    company_name, note, total_amount, remaining_amount, currency, requested_at, item_list_cut
  )
  select
    key, status, occurred_at, event_sequence, event_id,
    operation, channel, site_id, profile_id, organization_id, shopper_name, shopper_email, shopper_phone,
    company_name, note, total_amount, remaining_amount, currency, requested_at, newest_cut.item_list_cut
  from newest
  left join newest_cut using (key)
  order by key
  on conflict (key) do update set
    status = excluded.status,
    occurred_at = excluded.occurred_at,
    event_sequence = excluded.event_sequence,
    source_event_id = excluded.source_event_id,
    operation = excluded.operation,
    channel = excluded.channel,
    site_id = excluded.site_id,
    profile_id = excluded.profile_id,
    organization_id = excluded.organization_id,
    shopper_name = excluded.shopper_name,
    shopper_email = excluded.shopper_email,
    shopper_phone = excluded.shopper_phone,
    company_name = excluded.company_name,
    note = excluded.note,
    total_amount = excluded.total_amount,
    remaining_amount = excluded.remaining_amount,
    currency = excluded.currency,
    requested_at = excluded.requested_at,
    item_list_cut = coalesce(excluded.item_list_cut, current.item_list_cut),
    updated_at = excluded.updated_at
  where (excluded.occurred_at, excluded.event_sequence) >= (current.occurred_at, current.event_sequence)
  returning key, occurred_at, event_sequence
),
cleared as materialized (
  select newest_list.key, newest_list.item, clear_quote_request_item(newest_list.key)
  from applied
  join newest_list using (key)
),
listed as (
  insert into quote_request_item (
    quote_request_key,
    line, path, parent_path, depth, product_id, sku_id, product_name, quantity, unit_price, amount, currency,
    action_code, configurator_id, asset_id, service_id, activation_at, deactivation_at
  )
  select
    cleared.key,
    item.line, item.path, item.parent_path, item.depth, item.product_id, item.sku_id, item.product_name,
    item.quantity, item.unit_price, item.amount, item.currency, item.action_code, item.configurator_id,
    item.asset_id, item.service_id, item.activation_at, item.deactivation_at
  from cleared
  cross join lateral jsonb_to_recordset(coalesce(cleared.item, cast('[]' as jsonb))) as item (
    line integer, path text, parent_path text, depth integer, product_id text, sku_id text, product_name text,
    quantity numeric, unit_price numeric, amount numeric, currency text, action_code text, configurator_id text,
    asset_id text, service_id text, activation_at timestamptz, deactivation_at timestamptz
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
