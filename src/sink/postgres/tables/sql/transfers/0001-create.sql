-- Transfers, one a row. :table is the name from the configuration, for psql as for the service.
create table :table (
  -- The first 16 bytes of the SHA-256 of chain/event_id: a far smaller index than that of the text.
  id bytea primary key check (octet_length(id) = 16),
  -- Of the block; if the block has none, of the record in Kafka.
  time timestamptz not null,
  chain text not null,
  -- Unique within the chain: signature:instruction on Solana, the hash on Tron.
  event_id text not null,
  sender text,
  receiver text,
  -- The mint or the contract; empty: the native coin of the chain; null: unknown.
  asset text,
  symbol text,
  decimals smallint,
  -- In the smallest unit, exactly; null: unknown.
  amount numeric,
  success boolean not null,
  -- The number, or the slot on Solana; null: the stream does not say.
  block_number bigint,
  -- Two hashes for one number are two blocks, of which one is superseded.
  block_hash text,
  -- Where the service read it first.
  topic text,
  partition integer,
  record_offset bigint
);
