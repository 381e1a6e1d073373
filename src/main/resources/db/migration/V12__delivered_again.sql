-- What was delivered is delivered again where somebody asks for it, by a mapping that was wrong before, say.
alter table delivery add column delivered_before timestamptz;

comment on column delivery.delivered_before is
    'When the target had it last, before it was to be delivered again; whatever comes of that, the target had it.';

-- What such a delivery has overtaken must not go to its target after it, also while it waits or if it fails this time.
create index delivery_again on delivery (target, entity, occurred_at, event_sequence)
    where delivered_before is not null;

alter table replay add column reached bigint;

comment on column replay.reached is
    'Up to which delivery a replay of delivered ones has gone; they are in their place again, and can''t be told by their state.';
