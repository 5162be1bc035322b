import type { OccError } from '../kernel/errors.ts'
import type { EventKind } from '../kernel/event-kind.ts'
import type { Chain } from '../kernel/names.ts'
import type { KafkaRecord } from '../kernel/record.ts'

/** A JSON value whose integers beyond 2^53 are decimal strings: never a silently wrong number. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A decoded record: the document it holds, and the events found in it. */
export interface Message {
  readonly record: KafkaRecord
  /** What the bytes of the record turned out to be: `lz4`, `plain`. */
  readonly encoding: string
  /** Size of the value once decompressed. */
  readonly bytes: number
  /** The parsed JSON, the text, or the raw bytes, by the topic's configured format. */
  readonly document: Json | string | Buffer | null
  /** Typed events; empty for a document of unknown shape, which is no error. */
  readonly events: readonly ChainEvent[]
}

/** Party of an event, as its chain writes addresses (Solana base58, Tron base58check, EVM hex). */
export type Address = string

export interface Asset {
  /** Mint or contract address; empty for the chain's native coin. */
  readonly address: Address
  readonly symbol: string
  /** null where the stream does not say: a guess would be a wrong amount. */
  readonly decimals: number | null
}

/** One transfer or transaction inside a message. */
export interface ChainEvent {
  /** Unique within the chain: Signature + InstructionIndex on Solana, the transaction hash on Tron. */
  readonly id: string
  readonly chain: Chain
  readonly kind: EventKind
  /** Milliseconds since the epoch; null when the chain gave none (a zero is not staleness). */
  readonly time: number | null
  readonly from: Address | null
  readonly to: Address | null
  /** All addresses that take part, each once: for watch-lists. */
  readonly addresses: readonly Address[]
  readonly asset: Asset | null
  /** In the asset's smallest unit; null where the event moves none or it is not known. */
  readonly amount: bigint | null
  readonly success: boolean
}

export type DecodeResult =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly error: OccError }

/** Never throws: whatever the bytes, there is a message or a coded error. */
export interface Decoder {
  decode(record: KafkaRecord): DecodeResult
  /** What the values of the topic are taken for, in words: `JSON`. */
  formatOf(topic: string): string
}
