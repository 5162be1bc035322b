-- How far each consumer group is, as its members committed to Kafka. Nothing begins at what is here:
-- it is for people, and for a group whose offsets are gone. :table is the name from the
-- configuration, for psql as for the service.
create table :table (
  consumer_group text not null,
  topic text not null,
  partition integer not null,
  -- The next record to handle. Everything below it is done.
  next_offset bigint not null,
  -- What is done above it, because records may end out of order: 105-110,112.
  finished_above text not null default '',
  -- Id of the topic, which another topic of the same name does not have.
  topic_id text,
  -- The process that committed it, and when; later ones of its clock replace it.
  owner text not null,
  committed_at timestamptz not null,
  primary key (consumer_group, topic, partition)
) with (fillfactor = 50);
