import type { OccError } from './errors.ts'
import type { KafkaRecord, RecordHeader } from './record.ts'

/** A record that cannot be handled, and why. Kept whole, so that it can be sent again. */
export interface DeadLetter {
  /** As it came: key, value, headers and timestamp unchanged. */
  readonly record: KafkaRecord
  readonly error: OccError
  /** The handler that failed; null where the record did not get so far. */
  readonly handler: string | null
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly failedAt: number
  /** How often it was sent again already. */
  readonly redrives: number
}

/** Bytes of the key and the value of a letter's record. */
export function letterBytes({ record: { key, value } }: DeadLetter): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

/** Where dead letters are kept. */
export interface DeadLetterTarget {
  /**
   * Resolves when the letter is safe, rejects (retriable, or full) when it is not: then its offset
   * is not finished. May be called again with the same letter: the target may hold it twice.
   */
  keep(letter: DeadLetter): Promise<void>
  /** Rejects with what is wrong when letters could not be kept now: for a word at the start. */
  check(): Promise<void>
  /** Waits for what is being kept. */
  close(): Promise<void>
}

/**
 * Headers that speak of redrives travel with the record; whoever sends one again sets them.
 * `occ-redrives`: decimal count. `occ-handler`: the only handler that is to get the record.
 */
export const REDRIVES_HEADER = 'occ-redrives'
export const HANDLER_HEADER = 'occ-handler'

/** How often a record was sent again, by its header; 0 for one that never was, or says nonsense. */
export function redrivesOf({ headers }: Pick<KafkaRecord, 'headers'>): number {
  const text = lastText(headers?.[REDRIVES_HEADER])
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

/** The only handlers that are to get the record, with commas between; null: all. */
export function handlerOf({ headers }: Pick<KafkaRecord, 'headers'>): string | null {
  return lastText(headers?.[HANDLER_HEADER]) || null
}

/** Of several headers of one name the last counts: whoever sent the record last wrote it. */
function lastText(header: RecordHeader | undefined): string {
  const last = Array.isArray(header) ? header.at(-1) : header
  return last === undefined || last === null ? '' : last.toString()
}
