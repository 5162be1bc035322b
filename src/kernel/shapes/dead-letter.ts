import type { OccError } from '../errors.ts'
import type { KafkaRecord, RecordHeader } from './record.ts'

/** A record that cannot be handled, and why. It is complete, so that it can be redriven. */
export interface DeadLetter {
  /** As received: key, value, headers and timestamp unchanged. */
  readonly record: KafkaRecord
  readonly error: OccError
  /** The handler that failed; null if the record did not reach one. */
  readonly handler: string | null
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly failedAt: number
  /** How often it was redriven. */
  readonly redrives: number
  /** The consumer group that could not handle it. Another group may well have handled it. */
  readonly group: string
}

/** Bytes of the key and the value of a letter's record. */
export function letterBytes({ record: { key, value } }: DeadLetter): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

/** Where dead letters are kept. */
export interface DeadLetterTarget {
  /**
   * Resolves when the letter is stored. Rejects (retriable, or full) otherwise: then its offset is
   * not finished. May be called again with the same letter, so the target may hold it twice.
   */
  keep(letter: DeadLetter): Promise<void>
  /** Rejects with the reason if letters cannot be kept now: for a warning at startup. */
  check(): Promise<void>
  /** Waits for writes under way. */
  close(): Promise<void>
}

/**
 * Headers that a redrive sets on the record. `occ-redrives`: decimal count. `occ-handler`: the only
 * handlers that get the record. `occ-group`: the only consumer group that handles it.
 */
export const REDRIVES_HEADER = 'occ-redrives'
export const HANDLER_HEADER = 'occ-handler'
export const GROUP_HEADER = 'occ-group'

/** How often a record was redriven, by its header; 0 if the header is missing or invalid. */
export function redrivesOf({ headers }: Pick<KafkaRecord, 'headers'>): number {
  const text = lastText(headers?.[REDRIVES_HEADER])
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

/** The only handlers that get the record, separated by commas; null: all. */
export function handlerOf({ headers }: Pick<KafkaRecord, 'headers'>): string | null {
  return lastText(headers?.[HANDLER_HEADER]) || null
}

/** The only consumer group that handles the record; null: every group. */
export function groupOf({ headers }: Pick<KafkaRecord, 'headers'>): string | null {
  return lastText(headers?.[GROUP_HEADER]) || null
}

/** The last of several headers with the same name: the last sender wrote it. */
function lastText(header: RecordHeader | undefined): string {
  const last = Array.isArray(header) ? header.at(-1) : header
  return last === undefined || last === null ? '' : last.toString()
}
