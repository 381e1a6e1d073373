-- Mails that wait for each other: several deliveries to one audience become one mail.

alter table delivery add column digest text;

comment on column delivery.digest is 'The digest that the delivery is collected for, settled with all others of it; null: goes out alone.';

drop index delivery_due;
create index delivery_due on delivery (target, type, next_attempt_at, id)
    where state = 'waiting' and digest is null;
create index delivery_digest on delivery (target, digest, next_attempt_at)
    where state = 'waiting' and digest is not null;

-- How many mails of a kind an audience got lately.
create index delivery_mail on delivery (audience, booked_at)
    where target = 'email' and digest is null;

create table daily_summary (
    day     date        primary key,
    told_at timestamptz not null default now()
);

comment on table daily_summary is 'The days whose summary the operators have.';
