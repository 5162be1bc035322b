-- Leader epoch of the last finished record. If the log was truncated below it since, other records have
-- the offsets of what is done; null: not known.
alter table :table add column leader_epoch integer;
