-- What is asked first: the trades of a pool and of a trader, and those of a time. One that you do not
-- need can be dropped.
create index on :table (pool, time);
create index on :table (trader, time);
create index on :table using brin (time);
