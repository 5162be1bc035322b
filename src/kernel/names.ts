// Written by `npm run docs`.

/** As in decode/formats/index.ts. */
export const formatNames = ['json', 'protobuf', 'avro', 'text', 'raw'] as const

/** As in decode/streams/index.ts and messages.ts. */
export const streamNames = [
  'solana.transfers',
  'tron.broadcasted.transactions',
  'solana.tokens',
  'solana.dextrades',
  'solana.transactions',
  'evm.tokens',
  'evm.dextrades',
  'evm.raw',
  'tron.tokens',
  'tron.dextrades',
] as const

/** As in sink/postgres/tables/index.ts. */
export const tableNames = ['transfers', 'trades', 'transactions'] as const

/** As in sink/webhook/templates/index.ts. */
export const templateNames = ['slack', 'telegram', 'discord', 'pagerduty'] as const

/** Of the streams. */
export const chains = ['solana', 'tron', 'eth', 'bsc', 'base', 'matic', 'optimism', 'evm'] as const

/** Topics that are known to hold a Protocol Buffers message. */
export const messageTopics = [
  'solana.tokens.proto',
  'solana.dextrades.proto',
  'solana.transactions.proto',
  'eth.tokens.proto',
  'eth.broadcasted.tokens.proto',
  'bsc.tokens.proto',
  'bsc.broadcasted.tokens.proto',
  'base.tokens.proto',
  'base.broadcasted.tokens.proto',
  'matic.tokens.proto',
  'matic.broadcasted.tokens.proto',
  'optimism.tokens.proto',
  'optimism.broadcasted.tokens.proto',
  'eth.dextrades.proto',
  'bsc.dextrades.proto',
  'base.dextrades.proto',
  'matic.dextrades.proto',
  'optimism.dextrades.proto',
  'eth.raw.proto',
  'bsc.raw.proto',
  'base.raw.proto',
  'matic.raw.proto',
  'optimism.raw.proto',
  'tron.tokens.proto',
  'tron.broadcasted.tokens.proto',
  'tron.dextrades.proto',
] as const

export type Chain = (typeof chains)[number]
