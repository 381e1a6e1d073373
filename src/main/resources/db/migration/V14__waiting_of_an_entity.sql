-- What waits of an entity, without looking at all that waits for its target, which is much after an outage: the order
-- guard asks for it with each claim. The condition is written so that only a query that writes it the same way goes by
-- this index, and by no other: as long as PostgreSQL knows of a quiet day only, it takes them all for equally short.
create index delivery_waiting on delivery (target, entity) where state || '' = 'waiting';
