-- Erases a person from the database target: takes out what is about the person and leaves the business figures.
-- One of :email, :profileId and :accountId says who; the others are null. :entities is a JSON array of the kind and
-- key of the business objects whose events name the person; :pseudonym stands in where a key names the person.
-- A row that stays gets a new updated_at, in the history a new recorded_at, so that whoever copies the tables sees it; a
-- return also where only its items change.
-- Answers how many rows of each table were changed; a row that names nobody any more is none of them, since it is asked
-- again for each batch of events. A dry run does the same and rolls it back.
-- The case of an address doesn't matter, whatever the locale of the database.
with entity as materialized (
  select kind, key from jsonb_to_recordset(cast(:entities as jsonb)) as entity (kind text, key text)
),
quote_request_erased as (
  update quote_request
  set profile_id = null, organization_id = null, shopper_name = null, shopper_email = null, shopper_phone = null,
      company_name = null, note = null, updated_at = now()
  where (lower(left(shopper_email, 320) collate "C") = lower(left(cast(:email as text), 320) collate "C")
      or profile_id = cast(:profileId as text)
      or organization_id = cast(:accountId as text)
      or key = any (array(select key from entity where kind = 'quote-request')))
    and num_nonnulls(profile_id, organization_id, shopper_name, shopper_email, shopper_phone, company_name, note) > 0
  returning 1
),
return_request_erased as (
  update return_request
  set profile_id = null, organization_id = null, comments = null, updated_at = now()
  where (profile_id = cast(:profileId as text)
      or organization_id = cast(:accountId as text)
      or key = any (array(select key from entity where kind = 'return')))
    and (num_nonnulls(profile_id, organization_id, comments) > 0
      or exists (
        select from return_request_item item where item.return_request_key = key and item.comments is not null
      ))
  returning key
),
return_request_item_erased as (
  update return_request_item
  set comments = null
  where (return_request_key = any (array(select key from entity where kind = 'return'))
      or return_request_key in (select key from return_request_erased))
    and comments is not null
  returning 1
),
account_erased as (
  delete from account
  where cast(:accountId as text) in (key, crm_account_number, create_reference_id)
     or lower(cast(:email as text) collate "C") = lower(key collate "C")
        and key = any (array(select key from entity where kind = 'account'))
  returning 1
),
account_named as (
  update account
  set account_id = null, updated_at = now()
  where account_id = cast(:accountId as text)
    and cast(:accountId as text) not in (key, coalesce(crm_account_number, ''), coalesce(create_reference_id, ''))
  returning 1
),
quote_named as (
  update quote set account_id = null, updated_at = now() where account_id = cast(:accountId as text) returning 1
),
deal_registration_named as (
  update deal_registration set account_id = null, updated_at = now() where account_id = cast(:accountId as text) returning 1
),
commerce_order_named as (
  update commerce_order set account_id = null, updated_at = now() where account_id = cast(:accountId as text) returning 1
),
history_named as (
  update status_history
  set entity_key = cast(:pseudonym as text), recorded_at = now()
  where entity_kind = 'account' and entity_key = cast(:accountId as text)
     or lower(cast(:email as text) collate "C") = lower(entity_key collate "C")
        and (entity_kind, entity_key) in (select kind, key from entity)
  returning 1
)
select 'quote_request' as name, count(*) as count from quote_request_erased
union all select 'return_request', count(*) from return_request_erased
union all select 'return_request_item', count(*) from return_request_item_erased
union all select 'account', (select count(*) from account_erased) + (select count(*) from account_named)
union all select 'quote', count(*) from quote_named
union all select 'deal_registration', count(*) from deal_registration_named
union all select 'commerce_order', count(*) from commerce_order_named
union all select 'status_history', count(*) from history_named
