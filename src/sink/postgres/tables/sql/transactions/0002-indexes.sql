-- What is asked first: the transactions of a sender, and those of a time. One that you do not
-- need can be dropped.
create index on :table (sender, time);
create index on :table using brin (time);
