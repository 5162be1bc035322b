-- What an operator did last to the offset, and what is handled once more because of it. Written by
-- the service; empty: nothing.
alter table :table add column operator text not null default '';
