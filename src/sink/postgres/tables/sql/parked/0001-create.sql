-- Records that wait until they are due, as they were received. :table is the name from the
-- configuration, for psql as for the service.
create table :table (
  id bigint generated always as identity primary key,
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  record_offset bigint not null,
  -- Milliseconds since the epoch. Offsets of a topic that was made anew begin at 0 again.
  record_timestamp bigint not null,
  key bytea,
  value bytea,
  headers jsonb not null,
  replay boolean not null,
  -- The handlers that get it again: a,b. Empty: all.
  handler text not null,
  due_at timestamptz not null,
  -- How often it was parked, and since when; attempts that failed since then.
  times integer not null default 1,
  since timestamptz not null default now(),
  attempts integer not null default 0,
  reason text not null,
  error_type text not null default '',
  -- Goes up whenever a process takes it. Only the last one may write, until the lease is over.
  claim bigint not null default 0,
  leased_until timestamptz,
  owner text not null default ''
);
create unique index on :table (consumer_group, topic, partition, record_offset, record_timestamp, handler);
create index on :table (consumer_group, due_at);
