-- What is asked first: the trades of a pool and of a trader; those of a time are in few partitions
-- anyway. One that you do not need can be dropped.
create index on :table (pool, time);
create index on :table (trader, time);
