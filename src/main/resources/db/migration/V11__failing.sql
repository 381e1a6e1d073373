-- What fails while it is tried again: operators see it, and hear of it, before it is a dead letter.
create index delivery_failing on delivery (target, cause_code, id) where state = 'waiting' and failures > 0;
