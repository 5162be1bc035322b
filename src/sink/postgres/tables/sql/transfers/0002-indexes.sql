-- What is asked first: the transfers of a wallet, and those of a time. What they cost while rows are
-- written is in docs/postgres.md; one that you do not need can be dropped.
create index on :table (receiver, time);
create index on :table (sender, time);
create index on :table using brin (time);
