import type { Clock } from '../../src/kernel/time/clock.ts'
import { type ChainTopic, isChainTopic } from './chain-messages.ts'

export type JsonStream = 'solana' | 'tron'

/** Streams of Protocol Buffers messages are called by the topic that they imitate. */
export type Stream = JsonStream | ChainTopic

/** The topic that each stream imitates as JSON. */
export const streamTopics: Readonly<Record<JsonStream, string>> = {
  solana: 'solana.transfers',
  tron: 'tron.broadcasted.transactions',
}

/** `protobuf` of the stream solana: messages of `solana.tokens.proto` with the same transfers. */
export const messageFormats = ['json', 'protobuf'] as const
export type MessageFormat = (typeof messageFormats)[number]

/** The topic that a stream imitates, also the default topic of `npm run produce`. */
export function topicOf(stream: Stream, format: MessageFormat): string {
  if (isChainTopic(stream)) return stream
  return format === 'protobuf' ? 'solana.tokens.proto' : streamTopics[stream]
}

/** How a stream chooses its keys; the scheme decides where duplicates land. */
export const keySchemes = ['none', 'slot', 'block-hash', 'constant', 'account'] as const
export type KeyScheme = (typeof keySchemes)[number]

export const amountRanges = ['extremes', 'everyday'] as const
export type AmountRange = (typeof amountRanges)[number]

/** The ways in which a message can be broken on purpose; see poison.ts. */
export const poisonKinds = [
  'truncated-frame',
  'bit-flip',
  'invalid-utf8',
  'broken-json',
  'lz4-bomb',
] as const
export type PoisonKind = (typeof poisonKinds)[number]

/**
 * Bytes of JSON before LZ4 (the same as Protocol Buffers has a third of it; streams without JSON
 * have sizes of their own): a mean, a range (log-uniform, so mostly small ones), or `mixed`: the
 * mix of a busy topic, from 1 kB to 1 MB. A message contains at least one event, so it is never
 * smaller than about 1.4 kB on Solana and 1.1 kB on Tron.
 */
export type MessageSize = number | 'mixed' | { readonly min: number; readonly max: number }

export interface SynthesizerOptions {
  /** Integer from 0 to 2^53 - 1. The same options and seed always give the same bytes. */
  readonly seed: number
  readonly stream: Stream
  /** Default `json`; `protobuf` of a stream that has no other. */
  readonly format?: MessageFormat | undefined
  /** Default 3600. */
  readonly messageBytes?: MessageSize | undefined
  /** Share of messages that are LZ4 frames; the others are plain text. Default 0.5. */
  readonly lz4Share?: number | undefined
  /** Default `none`. */
  readonly keyScheme?: KeyScheme | undefined
  /** Share of messages that repeat an earlier good one, byte for byte. Default 0. */
  readonly duplicateShare?: number | undefined
  /** Share of messages that cannot be decoded. Default 0. */
  readonly poisonShare?: number | undefined
  /** Default: all of them, equally often. */
  readonly poisonKinds?: readonly PoisonKind[] | undefined
  /** Time of the first block, milliseconds since the epoch. A constant unless given. */
  readonly startTime?: number | undefined
  /** `extremes` (default): one in twenty beyond 2^53; `everyday`: none, for people to read. */
  readonly amounts?: AmountRange | undefined
  /** Number of partitions to spread over; if absent, the producing client chooses. */
  readonly partitions?: number | undefined
}

export interface SyntheticMessage {
  /** Position in the stream, from 0. */
  readonly index: number
  /** `<seed>-<index>`: unique for every message, duplicates and poison included. */
  readonly id: string
  readonly kind: 'good' | 'duplicate' | PoisonKind
  /** The index of the good message that a duplicate repeats. */
  readonly duplicateOf: number | undefined
  readonly key: Buffer | null
  readonly value: Buffer
  /** `synthetic-id`, `synthetic-kind`, and on duplicates `synthetic-duplicate-of` (an id). */
  readonly headers: Readonly<Record<string, string>>
  /** Decodable events inside: 0 for poison. */
  readonly events: number
  readonly lz4: boolean
  /** Set if the options give the number of partitions. */
  readonly partition: number | undefined
}

/** What the messages created so far must amount to at the other end. */
export interface Expected {
  readonly messages: number
  readonly good: number
  readonly duplicates: number
  readonly poison: number
  readonly poisonByKind: Readonly<Record<PoisonKind, number>>
  /** Distinct events of good messages. */
  readonly events: number
  /** Events seen again through duplicates. */
  readonly duplicateEvents: number
  /** Bytes of values, as sent. */
  readonly bytes: number
}

export interface Synthesizer {
  next(): SyntheticMessage
  /** Creates message `index` again, independent of earlier ones; counts nothing. */
  at(index: number): SyntheticMessage
  /** The natural ids (see identity.ts) of the events in good message `index`, in order. */
  eventIds(index: number): readonly string[]
  /** A snapshot. */
  readonly expected: Expected
}

/** A record on its way to Kafka. */
export interface ProducedRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  readonly partition?: number | undefined
  /** Milliseconds since the epoch; default: the client's clock. */
  readonly timestamp?: number | undefined
}

/** The subset of a Kafka client needed for producing; see src/broker/topics/topic-writer.ts. */
export interface RecordProducer {
  /** Creates the topic if it does not exist; an existing one is not changed. */
  ensureTopic(topic: string, partitions: number): Promise<void>
  /** Resolves when the brokers have acknowledged all messages. */
  send(topic: string, messages: readonly ProducedRecord[]): Promise<void>
  close(): Promise<void>
}

export interface ProductionOptions {
  readonly topic: string
  /** Messages per second; 0: as fast as possible. */
  readonly rate: number
  /** Number of messages; Infinity: until the signal. */
  readonly count: number
  /** Limits of one send. Defaults: 500 messages, 512 KiB of values. */
  readonly batchMessages?: number | undefined
  readonly batchBytes?: number | undefined
  readonly clock?: Clock | undefined
  /** Waits, or returns early when the signal aborts. */
  readonly sleep?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined
}

export interface ProductionProgress {
  /** Acknowledged by the brokers. */
  readonly messages: number
  readonly bytes: number
  readonly milliseconds: number
}

export interface ProductionSummary extends ProductionProgress {
  readonly endedBy: 'count' | 'signal'
}
