-- How far each consumer group is, in the database of its rows. :table is the name from the
-- configuration, for psql as for the service.
create table :table (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  -- The next record to handle. Everything below it is done; null: claimed, and nothing begun.
  next_offset bigint,
  -- What is done above it, because records may end out of order: 105-110,112.
  finished_above text not null default '',
  -- Goes up whenever a process takes the partition over. Only the last one may write.
  epoch bigint not null,
  -- Counts the transactions of the partition.
  writes bigint not null default 0,
  -- The process and member that has it; the generation of the group at that time, for people.
  owner text not null,
  generation integer,
  -- Id of the topic, which another topic of the same name does not have; partitions it had at first.
  topic_id text,
  topic_partitions integer,
  -- Newest timestamp of the records of the last transaction.
  record_time timestamptz,
  updated_at timestamptz not null default now(),
  primary key (consumer_group, topic, partition)
-- Room for new versions of a row in its own page: each transaction updates it.
) with (fillfactor = 20);
