-- Events :first to :last of :total that came in evenly over 30 days, each with three deliveries. Nearly all are
-- delivered, some were overtaken by later ones, a few are dead or unroutable, and the newest :waiting wait.
with made as (
  insert into event (id, sender, type, status, entity_kind, entity_key, occurred_at, received_at, attributes, mapping,
                     body, state, attempts, next_attempt_at, routed_at, reason, people, protection, files)
  select case when kind.name in ('quote-requested', 'return-updated') then 'oracle-commerce:' else 'zoom-commerce:' end
           || md5('event ' || n),
         case when kind.name in ('quote-requested', 'return-updated') then 'oracle-commerce' else 'zoom-commerce' end,
         kind.name, kind.statuses[1 + n / 6 % array_length(kind.statuses, 1)], kind.entity, 'K-' || of_it.object,
         came, came, '{"customer":"Customer ' || of_it.object || '","amount":"' || n % 90000 || '.50","currency":"USD"}',
         case when kind.name in ('quote-requested', 'return-updated') then 'oracle-commerce-return-to-event'
              else 'zoom-commerce-to-event' end,
         '{"event":"' || kind.name || '","event_id":"' || md5('event ' || n) || '","payload":{"' || kind.entity
           || '":{"key":"K-' || of_it.object || '","lines":['
           || (select string_agg('{"sku":"' || md5(n::text || line) || '","quantity":' || line || '}', ',')
               from generate_series(1, case when kind.name = 'return-updated' then 40 else 12 end) as line)
           || ']}}}',
         case when n % 2000 = 7 then 'unroutable' else 'routed' end, 1, came, came + interval '80 ms',
         case when n % 2000 = 7 then 'no route knows it' end,
         array[substr(md5('person ' || of_it.object % 200000), 1, 22), substr(md5('account ' || of_it.object % 20000), 1, 22)],
         :protection, 'f00d'
  from generate_series(cast(:first as bigint), cast(:last as bigint)) as n
  cross join lateral (
    select n % (:total / 4 + 1) as object,
           now() - interval '30 days' * (1 - n::double precision / :total) as came) of_it
  cross join lateral (
    select * from (values
      (0, 'account-status-changed', 'account', array['submitted', 'in review', 'success']),
      (1, 'quote-status-changed', 'quote', array['draft', 'submitted', 'approved', 'completed']),
      (2, 'deal-registration-status-changed', 'deal-registration', array['draft', 'submitted', 'approved']),
      (3, 'order-status-changed', 'order', array['draft', 'submitted', 'completed', 'canceled']),
      (4, 'quote-requested', 'quote-request', array['']),
      (5, 'return-updated', 'return', array['INCOMPLETE', 'PENDING_REFUND', 'COMPLETE']))
      as k (number, name, entity, statuses)
    where k.number = n % 6) kind
  returning sequence, type, entity_kind, entity_key, occurred_at, received_at, state),
numbered as (
  select made.*, row_number() over (order by sequence) + :first - 1 as n from made),
booked as (
  insert into delivery (event_sequence, target, audience, type, entity, occurred_at, parameters, state, attempts,
                        failures, next_attempt_at, booked_at, settled_at, reference, cause_code, cause, files)
  select m.sequence, t.name, t.audience, m.type, m.entity_kind || '/' || m.entity_key, m.occurred_at,
         case when t.name = 'email' then '{"template":"quote-approved"}' else '{}' end, s.state,
         case when s.state = 'waiting' then 0 else 1 end, case when s.state = 'dead' then 1 else 0 end,
         m.received_at, m.received_at + interval '80 ms',
         case when s.state <> 'waiting' then m.received_at + interval '200 ms' end,
         case when s.state = 'delivered' then substr(md5(t.name || m.n), 1, 18) end,
         case when s.state = 'dead' then 'CAUSE_' || m.n % 5 end, case when s.state = 'dead' then 'refused' end, 'f00d'
  from numbered m
  cross join (values ('salesforce', ''), ('database', ''), ('email', 'sales')) as t (name, audience)
  cross join lateral (
    select case when m.n > :total - :waiting then 'waiting'
                when m.n % 5000 = 11 and t.name = 'salesforce' then 'dead'
                when m.n % 25 = 3 and t.name <> 'email' then 'superseded'
                else 'delivered' end as state) s
  where m.state = 'routed'
  order by m.n, t.name
  returning id, state, attempts, cause_code, settled_at)
insert into attempt (delivery_id, number, started_at, ended_at, outcome, code, detail, files)
select id, attempts, settled_at - interval '90 ms', settled_at, 'dead', cause_code, 'refused', 'f00d'
from booked where state = 'dead'
