import { createHash } from 'node:crypto'
import type { KafkaRecord, TopicPartition } from './record.ts'

/** Milliseconds: the longest time that a record may be parked at once. */
export const MAX_PARKED = 30 * 24 * 3_600_000

/** Whether a record may be parked for so many milliseconds. */
export function isParkingTime(after: number): boolean {
  return after >= 0 && after <= MAX_PARKED
}

/** A record that is to be kept until it is due. */
export interface ToPark {
  readonly record: KafkaRecord
  /** The handlers that get it again, separated by commas; null: all. */
  readonly handler: string | null
  /** Milliseconds from now until it is due. */
  readonly after: number
  /** For people: why, and the code of the error if it was one. */
  readonly reason: string
  readonly code: string | null
  /** What it holds, as `holdOf` makes it: later records with the same wait behind it. null: nothing. */
  readonly hold: string | null
}

/** The key of a record in a form of bounded length. */
export function holdOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22)
}

/** How many parked records a consumer group has. */
export interface ParkedCount {
  /** Above 100,000 an estimate. */
  readonly records: number
  /** Of these, those that are due, and those that a process has now; at most 100,000. */
  readonly due: number
  /** When the first of them is or was due, milliseconds since the epoch; null: there is none. */
  readonly nextDueAt: number | null
}

export interface ParkedStatus extends ParkedCount {
  /** The group of a handler with `group: own`; absent: that of the service. */
  readonly group?: string
  /** Milliseconds since the epoch: while the database is away, the count grows old. */
  readonly countedAt: number
}

/** What is not handed over now: topics, `topic/partition`, handlers. */
export interface HeldBack {
  readonly topics: readonly string[]
  readonly partitions: readonly TopicPartition[]
  readonly handlers: readonly string[]
}
