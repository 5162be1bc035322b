-- What is asked first: the transfers of a wallet; those of a time are in few partitions anyway. What
-- they cost while rows are written is in docs/postgres.md; one that you do not need can be dropped.
create index on :table (receiver, time);
create index on :table (sender, time);
