import type { DeadLetter } from '../../kernel/dead-letter.ts'

/** A dead letter as a target gives it back. The error is text by now. */
export interface StoredLetter extends Omit<DeadLetter, 'error'> {
  /** The same for the same letter in every target; see letter-id.ts. */
  readonly id: string
  readonly errorType: string
  readonly errorMessage: string
  /**
   * Milliseconds since the epoch; not null: a redrive began to send the letter then, and ended
   * before it could tell whether it was sent.
   */
  readonly sendingSince: number | null
  /** Where it is, if not in the target of the configuration but in its fallback. */
  readonly keptIn?: string
}

/** All that are given must hold; of a list, one. */
export interface LetterFilter {
  /** Letter ids, or `topic/partition/offset`. */
  readonly names?: readonly string[]
  readonly errorTypes?: readonly string[]
  /** Original topics. */
  readonly topics?: readonly string[]
  /** Names of handlers; a letter for several handlers fits each of them. */
  readonly handlers?: readonly string[]
  /** Failed at or after, and before; milliseconds since the epoch. */
  readonly since?: number
  readonly until?: number
}

export type Ending = 'redriven' | 'dropped'

/** The same letters as a DeadLetterTarget keeps, for whoever lists them and sends them again. */
export interface DeadLetterStore {
  /**
   * The letters there are now, each once, in the order of topic, partition and offset where the
   * store can (a Kafka topic: in the order they were kept, by partition). Letters may be ended
   * while the list is being read.
   */
  list(filter: LetterFilter): AsyncIterable<StoredLetter>
  /** Notes, safely, that these are about to be sent; see `sendingSince`. */
  sending(letters: readonly StoredLetter[]): Promise<void>
  /** Takes that back: they were not sent. */
  returned(letters: readonly StoredLetter[]): Promise<void>
  /** Takes letters out of the list for good. A letter that fails again later is a new one. */
  end(letters: readonly StoredLetter[], how: Ending): Promise<void>
  /**
   * Keeps other redrives away until `close`, where the store can: a Kafka topic cannot. Rejects
   * with OCC_DEAD_LETTERS_LOCKED.
   */
  lock(): Promise<void>
  close(): Promise<void>
}
