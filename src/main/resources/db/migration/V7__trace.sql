-- To which trace an event belongs, so that its deliveries go on with it, whenever and on whichever node.

alter table event add column trace text;

comment on column event.trace is 'The span of the webhook, as a W3C traceparent; null when it is not traced.';
