-- The database target: what each business object is now, and every status it ever had.
--
-- A current-state row is written by the newest event of its object, by the time it occurred and then by
-- arrival (occurred_at, event_sequence); an older event never overwrites it. Money is numeric(19,4) beside
-- its currency; times are UTC instants.

create table account (
  key                 text primary key,
  status              text,
  crm_account_number  text,
  create_reference_id text,
  account_id          text,
  occurred_at         timestamptz not null,
  event_sequence      bigint not null,
  source_event_id     text not null,
  updated_at          timestamptz not null default now()
);
create index account_status on account (status, occurred_at);
create index account_create_reference_id on account (create_reference_id);
comment on table account is 'A customer account in the reseller portal, as its newest event left it.';
comment on column account.key is 'CRM account number, else the reference the account was created with.';
comment on column account.account_id is 'Account that triggered the webhook.';

create table quote (
  key             text primary key,
  status          text,
  account_id      text,
  occurred_at     timestamptz not null,
  event_sequence  bigint not null,
  source_event_id text not null,
  updated_at      timestamptz not null default now()
);
create index quote_status on quote (status, occurred_at);
create index quote_account_id on quote (account_id);
comment on table quote is 'A quote, as its newest event left it.';
comment on column quote.key is 'Quote reference, as Q-3248714941.';
comment on column quote.account_id is 'Account that triggered the webhook.';

create table deal_registration (
  key                 text primary key,
  status              text,
  deal_reg_number     text,
  create_reference_id text,
  account_id          text,
  occurred_at         timestamptz not null,
  event_sequence      bigint not null,
  source_event_id     text not null,
  updated_at          timestamptz not null default now()
);
create index deal_registration_status on deal_registration (status, occurred_at);
create index deal_registration_account_id on deal_registration (account_id);
create index deal_registration_create_reference_id on deal_registration (create_reference_id);
comment on table deal_registration is 'A deal registration, as its newest event left it.';
comment on column deal_registration.key is 'Deal registration number, else the reference it was created with.';
comment on column deal_registration.account_id is 'Account that triggered the webhook.';

create table commerce_order (
  key             text primary key,
  status          text,
  account_id      text,
  occurred_at     timestamptz not null,
  event_sequence  bigint not null,
  source_event_id text not null,
  updated_at      timestamptz not null default now()
);
create index commerce_order_status on commerce_order (status, occurred_at);
create index commerce_order_account_id on commerce_order (account_id);
comment on table commerce_order is 'An order, as its newest event left it.';
comment on column commerce_order.key is 'Order reference, as O-3248714941.';
comment on column commerce_order.account_id is 'Account that triggered the webhook.';

create table quote_request (
  key              text primary key,
  status           text,
  operation        text,
  channel          text,
  site_id          text,
  profile_id       text,
  organization_id  text,
  shopper_name     text,
  shopper_email    text,
  shopper_phone    text,
  company_name     text,
  note             text,
  total_amount     numeric(19,4),
  remaining_amount numeric(19,4),
  currency         text,
  requested_at     timestamptz,
  item_list_cut    boolean,
  occurred_at      timestamptz not null,
  event_sequence   bigint not null,
  source_event_id  text not null,
  updated_at       timestamptz not null default now()
);
create index quote_request_occurred_at on quote_request (occurred_at);
create index quote_request_profile_id on quote_request (profile_id);
create index quote_request_shopper_email on quote_request (lower(left(shopper_email, 320)));
comment on table quote_request is 'A shopper''s request for a quote; a later request for the same order replaces it.';
comment on column quote_request.key is 'Id of the order that is to be quoted.';
comment on column quote_request.currency is 'ISO 4217 code; absent when the webhook doesn''t tell it.';
comment on column quote_request.item_list_cut is 'Whether the sender left out items because the list was too long; null when it never sent a list.';

create table quote_request_item (
  quote_request_key text not null references quote_request (key) on delete cascade,
  line              integer not null,
  path              text not null,
  parent_path       text,
  depth             integer not null,
  product_id        text,
  sku_id            text,
  product_name      text,
  quantity          numeric(19,4),
  unit_price        numeric(19,4),
  amount            numeric(19,4),
  currency          text,
  action_code       text,
  configurator_id   text,
  asset_id          text,
  service_id        text,
  activation_at     timestamptz,
  deactivation_at   timestamptz,
  primary key (quote_request_key, line)
);
create index quote_request_item_sku_id on quote_request_item (sku_id);
comment on table quote_request_item is 'Items of a quote request in reading order; nested items follow their parent.';
comment on column quote_request_item.path is 'Position in the tree: 1, 1.2, 1.2.1.';

create table return_request (
  key                    text primary key,
  status                 text,
  process_name           text,
  exchange               boolean,
  processed              boolean,
  payment_state          text,
  origin                 text,
  agent_id               text,
  authorized_at          timestamptz,
  order_id               text,
  replacement_order_id   text,
  profile_id             text,
  organization_id        text,
  site_id                text,
  order_changed_at       timestamptz,
  refund_type            text,
  total_refund_amount    numeric(19,4),
  item_refund_amount     numeric(19,4),
  tax_refund_amount      numeric(19,4),
  shipping_refund_amount numeric(19,4),
  other_refund_amount    numeric(19,4),
  fee_amount             numeric(19,4),
  currency               text,
  secondary_currency     text,
  exchange_rate          numeric(24,10),
  comments               text,
  item_list_cut          boolean,
  occurred_at            timestamptz not null,
  event_sequence         bigint not null,
  source_event_id        text not null,
  updated_at             timestamptz not null default now()
);
create index return_request_status on return_request (status, occurred_at);
create index return_request_order_id on return_request (order_id);
create index return_request_profile_id on return_request (profile_id);
comment on table return_request is 'A return or an exchange, as its newest event left it.';
comment on column return_request.key is 'Return authorization (RMA) number.';
comment on column return_request.currency is 'ISO 4217 code of every amount of the return, that of the originating order.';
comment on column return_request.secondary_currency is 'Second currency of the originating order; exchange_rate leads to it.';
comment on column return_request.refund_type is 'Ways of refund, comma separated, as creditCard, storeCredit.';
comment on column return_request.item_list_cut is 'Whether the sender left out items because the list was too long; null when it never sent a list.';

create table return_request_item (
  return_request_key      text not null references return_request (key) on delete cascade,
  line                    integer not null,
  path                    text not null,
  parent_path             text,
  depth                   integer not null,
  return_item_id          text,
  commerce_item_id        text,
  product_id              text,
  sku_id                  text,
  product_name            text,
  ordered_quantity        numeric(19,4),
  quantity_to_return      numeric(19,4),
  quantity_to_exchange    numeric(19,4),
  quantity_received       numeric(19,4),
  quantity_returned       numeric(19,4),
  price_amount            numeric(19,4),
  refund_amount           numeric(19,4),
  suggested_refund_amount numeric(19,4),
  currency                text,
  reason                  text,
  disposition             text,
  state                   text,
  comments                text,
  primary key (return_request_key, line)
);
create index return_request_item_sku_id on return_request_item (sku_id);
create index return_request_item_reason on return_request_item (reason);
comment on table return_request_item is 'Returned items; the parts of a configured product follow their item.';
comment on column return_request_item.path is 'Position in the tree: 1, 1.2, 1.2.1.';
comment on column return_request_item.price_amount is 'What the shopper paid for the line in the originating order.';

create table status_history (
  event_id       text primary key,
  event_sequence bigint not null,
  event_type     text not null,
  sender         text,
  entity_kind    text,
  entity_key     text,
  status         text,
  occurred_at    timestamptz not null,
  received_at    timestamptz,
  recorded_at    timestamptz not null default now()
);
create index status_history_entity on status_history (entity_kind, entity_key, occurred_at, event_sequence);
create index status_history_occurred_at on status_history (occurred_at);
comment on table status_history is 'One row per event that reached this database, whether or not it was the newest.';

-- A statement sees the items as they were when it began; while it waited for its turn at a key, another may
-- have written more. A volatile function looks again, so the items it clears are the ones there now.
create function clear_quote_request_item(cleared_key text) returns void language sql volatile as $$
  delete from quote_request_item where quote_request_key = cleared_key
$$;
comment on function clear_quote_request_item is 'Removes the items of a quote request before its newer list is written.';

create function clear_return_request_item(cleared_key text) returns void language sql volatile as $$
  delete from return_request_item where return_request_key = cleared_key
$$;
comment on function clear_return_request_item is 'Removes the items of a return before its newer list is written.';
