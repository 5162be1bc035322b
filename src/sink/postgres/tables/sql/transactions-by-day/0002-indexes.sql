-- What is asked first: the transactions of a sender; those of a time are in few partitions
-- anyway. One that you do not need can be dropped.
create index on :table (sender, time);
