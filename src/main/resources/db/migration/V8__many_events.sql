-- What a ledger of many millions of events is asked.

-- Without it the newest events, which are asked for most, are in no summary until a vacuum.
alter index event_received_at set (autosummarize = on);

-- Types may be kept for different times: retention goes through each, the oldest first.
drop index event_payload;
create index event_payload on event (type, received_at) where payload_removed_at is null;
create index event_without_payload on event (sequence) where payload_removed_at is not null;

-- Few deliveries have failed; they are asked for by what failed.
create index delivery_cause on delivery (cause_code, id) where cause_code is not null;
