-- As trades, with a partition for each day (UTC), which the service creates when it needs one.
create table :table (
  -- The first 16 bytes of the SHA-256 of chain/event_id: a far smaller index than that of the text.
  id bytea not null check (octet_length(id) = 16),
  -- Of the block; if the block has none, of the record in Kafka.
  time timestamptz not null,
  chain text not null,
  -- Unique within the chain: signature:instruction:trade on Solana, hash:index:trade elsewhere.
  event_id text not null,
  -- Program or contract, and its names as the provider writes them.
  dex text,
  dex_name text,
  dex_family text,
  pool text,
  -- Who signed the transaction.
  trader text,
  -- What was bought: the mint or the contract; empty: the native coin of the chain; null: unknown.
  bought text,
  bought_symbol text,
  bought_decimals smallint,
  -- In the smallest unit, exactly.
  bought_amount numeric,
  -- What was sold: the mint or the contract; empty: the native coin of the chain; null: unknown.
  sold text,
  sold_symbol text,
  sold_decimals smallint,
  -- In the smallest unit, exactly.
  sold_amount numeric,
  success boolean not null,
  -- The number, or the slot on Solana; null: the stream does not say.
  block_number bigint,
  -- Two hashes for one number are two blocks, of which one is superseded.
  block_hash text,
  -- Where the service read it first.
  topic text,
  partition integer,
  record_offset bigint,
  -- A key of a partitioned table contains what it is partitioned by.
  primary key (id, time)
) partition by range (time);
