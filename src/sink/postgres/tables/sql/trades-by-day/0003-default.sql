-- Rows of days that get no partition: more than a year back, days ahead, or beyond the retention.
create table :table_default partition of :table default;
