import type { DeadLetter } from '../../kernel/shapes/dead-letter.ts'

/** A dead letter as read back from a target; its error is text. */
export interface StoredLetter extends Omit<DeadLetter, 'error' | 'group'> {
  /** Equal for the same letter in every target; see letter-id.ts. */
  readonly id: string
  readonly errorType: string
  readonly errorMessage: string
  /** Lines `    at ...` of the handler that threw it; null: none. */
  readonly errorStack: string | null
  /** Its consumer group; null: unknown, as in letters of version 0.1. */
  readonly group: string | null
  /**
   * Milliseconds since the epoch. Not null: a redrive began to send the letter then and ended
   * before it could record the result.
   */
  readonly sendingSince: number | null
  /** Where it is kept, if in the fallback instead of the configured target. */
  readonly keptIn?: string
}

/** All given criteria must match; for a list, one of its items. */
export interface LetterFilter {
  /** Letter ids, or `topic/partition/offset`. */
  readonly names?: readonly string[]
  readonly errorTypes?: readonly string[]
  /** Original topics. */
  readonly topics?: readonly string[]
  /** Names of handlers; a letter for several handlers fits each of them. */
  readonly handlers?: readonly string[]
  /** What the letter names, in full; null: letters that name no handler. */
  readonly exactHandler?: string | null
  /** Failed at or after, and before; milliseconds since the epoch. */
  readonly since?: number
  readonly until?: number
}

export type Ending = 'redriven' | 'dropped'

/** How letters are read. */
export interface Reading {
  /** Only what `outlineOf` leaves of them: quicker, and in less memory. */
  readonly outlines?: boolean | undefined
  /**
   * Asked with each letter or marker that was read. False ends the list early: letters are missing
   * then, and some that it has may have been handled. May throw.
   *
   * @param held How many letters the store has in memory.
   */
  readonly goesOn?: ((held: number) => boolean | Promise<boolean>) | undefined
}

/** A folder, topic or table that letters are read from. */
export interface LetterPlace {
  /** For messages: `the folder /var/letters`. */
  readonly name: string
  /** Letters may still be kept there later. */
  readonly exists: boolean
}

/** The letters that a DeadLetterTarget kept, for listing and redrive. */
export interface DeadLetterStore {
  /** What `list` reads with this filter, in full. Creates nothing. */
  places(filter: LetterFilter): Promise<readonly LetterPlace[]>
  /**
   * The current letters, each once, ordered by topic, partition and offset if the store can do so
   * (a Kafka topic: by partition, in the order they were kept). Letters may be ended while the list
   * is being read.
   */
  list(filter: LetterFilter, reading?: Reading): AsyncIterable<StoredLetter>
  /** Durably notes that these are about to be sent; see `sendingSince`. */
  sending(letters: readonly StoredLetter[]): Promise<void>
  /** Reverts `sending`: the letters were not sent. */
  returned(letters: readonly StoredLetter[]): Promise<void>
  /** Removes letters from the list permanently. A letter that fails again later is a new one. */
  end(letters: readonly StoredLetter[], how: Ending): Promise<void>
  /**
   * Locks out other redrives of these letters until `close`. Rejects with OCC_DEAD_LETTERS_LOCKED.
   */
  lock(filter: LetterFilter): Promise<void>
  close(): Promise<void>
}
