-- What senders were seen to send that config/schemas doesn't know: places, kinds and counts, never what a person wrote.
create table drift (
  id bigint generated always as identity primary key,
  type text not null,
  path text not null,
  kind text not null check (kind in ('unknown-field', 'unknown-value', 'other-type')),
  seen text not null,
  count bigint not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  example text not null,
  dismissed_at timestamptz,
  unique (type, path, kind, seen)
);

-- Up to which event it was looked.
create table drift_look (sequence bigint not null);
insert into drift_look select coalesce(max(sequence), 0) from event;
