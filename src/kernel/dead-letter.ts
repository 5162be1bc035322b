import type { OccError } from './errors.ts'
import type { KafkaRecord } from './record.ts'

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

/** Where dead letters are kept. */
export interface DeadLetterTarget {
  /**
   * Resolves when the letter is safe, rejects (retriable, or full) when it is not: then its offset
   * is not finished. May be called again with the same letter: the target may hold it twice.
   */
  keep(letter: DeadLetter): Promise<void>
  close(): Promise<void>
}

/**
 * Headers that speak of redrives travel with the record; whoever sends one again sets them.
 * `occ-redrives`: decimal count. `occ-handler`: the only handler that is to get the record.
 */
export const REDRIVES_HEADER = 'occ-redrives'
export const HANDLER_HEADER = 'occ-handler'
