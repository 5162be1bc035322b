-- Added to a table of events whose rows may belong to superseded blocks (onReorg).
-- Hash of the block in the place of the row's; null: the row is valid.
alter table :table add column superseded_by text;
-- Rows of a block are found by this. Numbers grow, so it costs little while rows are written.
create index on :table (block_number);
