import type { OccError } from '../kernel/errors.ts'
import type { Chain } from '../kernel/names.ts'
import type { EventKind } from '../kernel/shapes/event-kind.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'

/** A JSON value in which integers beyond 2^53 are decimal strings, never rounded numbers. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** A decoded record: its document and the events found in it. */
export interface Message {
  readonly record: KafkaRecord
  /** The encoding found: `lz4`, `plain`. */
  readonly encoding: string
  /** Size of the value once decompressed. */
  readonly bytes: number
  /**
   * The parsed JSON, the text, the raw bytes, or a Protocol Buffers message as JSON, according to
   * the topic's format. Avro is JSON, too. JSON and messages with typed events are parsed when this is first
   * read.
   */
  readonly document: Json | string | Buffer | null
  /** Typed events; empty for a document of unknown shape, which is not an error. */
  readonly events: readonly ChainEvent[]
}

/** A message as it was decoded. */
export interface DecodedMessage extends Message {
  /** False: nobody has read `events` yet, so nobody has looked for them. Absent: they are at hand. */
  readonly eventsFound?: boolean
}

/** Party of an event, in its chain's form (Solana base58, Tron base58check, EVM hex). */
export type Address = string

export interface Asset {
  /** Mint or contract address; empty for the chain's native coin. */
  readonly address: Address
  readonly symbol: string
  /** null if the stream does not say: a guess would be a wrong amount. */
  readonly decimals: number | null
}

/** One transfer or transaction inside a message. */
export interface ChainEvent {
  /**
   * Unique within the chain: Signature + InstructionIndex on Solana, the transaction hash on Tron.
   */
  readonly id: string
  readonly chain: Chain
  readonly kind: EventKind
  /** Milliseconds since the epoch; null if the chain gave none (a zero is not staleness). */
  readonly time: number | null
  /**
   * The owner (wallet) that sends. On Solana never the token account; its owner. For example, USDC
   * from 5Q54...: `from` is 5Q54..., `fromAccount` the token account that holds its USDC.
   */
  readonly from: Address | null
  /** The owner (wallet) that receives. */
  readonly to: Address | null
  /** The token account that sends; null or absent: a native coin, or a chain without them (Tron). */
  readonly fromAccount?: Address | null | undefined
  readonly toAccount?: Address | null | undefined
  /** All that take part, each once: owners, token accounts, signer, fee payer; for watch-lists. */
  readonly addresses: readonly Address[]
  readonly asset: Asset | null
  /**
   * In the asset's smallest unit; null if the event moves none or the amount is unknown. Decimal
   * text in the JSON of the event: `JSON.stringify(event)`.
   */
  readonly amount: bigint | null
  readonly success: boolean
  /** The block that holds it; absent where the stream does not carry it. */
  readonly block?: Block
  /** Of a `trade`. Its `asset` and `amount` are those bought, its `from` is the trader. */
  readonly trade?: Trade
  /** Of a `reorg`, whose `block` is the first one of the new branch. */
  readonly reorg?: Reorg
}

export interface Reorg {
  /**
   * Hash of the first block that is superseded; all that followed it are too. Empty if none is: blocks
   * are valid again after all.
   */
  readonly from: string
  /** Hash of the block that reveals it. */
  readonly to: string
  /** Number of blocks from `from` to the newest that was seen. */
  readonly depth: number
  /** The superseded blocks that were seen. One that comes later says so itself: `supersededBy`. */
  readonly superseded: readonly BlockName[]
  /** Blocks that are valid again, because the branch was left before and wins after all. */
  readonly restored: readonly BlockName[]
}

export interface BlockName {
  /** Number, or slot on Solana. */
  readonly number: bigint
  /** Two hashes for one number are two blocks, of which one is superseded. */
  readonly hash: string
}

export interface Block extends BlockName {
  /** Of a block that was superseded before this message was read: hash of the one in its place. */
  readonly supersededBy?: string
  /** Hash of the block before it; empty if the stream does not say. */
  readonly parent: string
}

/** An exchange of one asset for another. */
export interface Trade {
  readonly dex: {
    /** Program or contract. */
    readonly address: Address
    /** As the provider names them: `pump_amm`, `Uniswap`. */
    readonly name: string
    readonly family: string
  }
  readonly pool: Address | null
  /** Who signed the transaction. */
  readonly trader: Address | null
  readonly buy: TradeSide
  readonly sell: TradeSide
  readonly fees: readonly TradeAmount[]
}

export interface TradeAmount {
  /** null if the stream does not say. */
  readonly asset: Asset | null
  /** In the asset's smallest unit. */
  readonly amount: bigint
}

export interface TradeSide extends TradeAmount {
  /** Who receives what is bought, or gives what is sold. */
  readonly account: Address | null
  /** The further assets of this side: few pools exchange more than one for one. */
  readonly more: readonly TradeAmount[]
}

export type DecodeResult =
  | { readonly ok: true; readonly message: DecodedMessage }
  | { readonly ok: false; readonly error: OccError }

/** Never throws: any bytes yield a message or a coded error. */
export interface Decoder {
  decode(record: KafkaRecord): DecodeResult
  /**
   * Resolves when what the record needs is loaded, such as its schema; null: it can be decoded now.
   * Never rejects: what cannot be had is what `decode` says then. Absent: there is never anything.
   */
  awaits?(record: KafkaRecord): Promise<void> | null
  /** Whether `awaits` may be anything but null for a record of the topic. */
  mayAwait?(topic: string): boolean
  /**
   * Of a record that was handled before: reads what later ones depend on, which is its block. The
   * returned function adds it to what is known; null: there is none. Never throws. Absent: nothing
   * depends on earlier records.
   */
  recall?(record: KafkaRecord): (() => void) | null
  /** The format of the topic's values, in words: `JSON`. */
  formatOf(topic: string): string
}

/** A decoder whose options can be replaced while it runs. */
export interface LiveDecoder<Options> extends Required<Decoder> {
  /** Whether superseded blocks are looked for in the topic. */
  followsBlocks(topic: string): boolean
  /** Why no record of the topic can be decoded, such as a missing schema; null: nothing is known. */
  problemOf(topic: string): OccError | null
  /**
   * Opens what the options need. The returned function applies them from the next record on.
   * Throws if they cannot be used.
   */
  prepare(options: Options): () => void
  /** Loads no more. */
  close(): void
}
