-- What later records of the same key wait behind: a hash of the key. Null: it holds nothing.
alter table :table add column hold text;
create index on :table (consumer_group, topic, partition, hold, record_offset) where hold is not null;
