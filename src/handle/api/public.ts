/// <reference types="node" preserve="true" />
// What `import ... from 'onchain-consumer'` offers to authors of handlers.
export type {
  Address,
  Asset,
  Block,
  BlockName,
  ChainEvent,
  Json,
  Message,
  Reorg,
  Trade,
  TradeAmount,
  TradeSide,
} from '../../decode/types.ts'
export { formatUnits, parseUnits } from '../../kernel/amounts.ts'
export { CodedError as OccError } from '../../kernel/errors.ts'
export type { HandlerLog as Log } from '../../kernel/log.ts'
export type { Parked } from '../../kernel/shapes/due-record.ts'
export type { Outcome } from '../../kernel/shapes/outcome.ts'
export type { KafkaRecord } from '../../kernel/shapes/record.ts'
export { defineHandler } from './define.ts'
export { createRateLimiter, type RateLimiter } from './rate-limiter.ts'
export type {
  Answer,
  BatchAnswer,
  BatchHandler,
  BatchOptions,
  EmitOptions,
  FilterRules,
  Handler,
  HandlerContext,
  OpenContext,
  SingleHandler,
  TransactionOptions,
  TransactionQuery,
} from './types.ts'
