import type { Pause, PauseTarget } from '../../kernel/shapes/pause-target.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'

/** A short text that all members of a group can read, kept with a partition. */
export interface Note extends TopicPartition {
  readonly text: string
}

/** Where the notes of a group are kept: they outlive its members. */
export interface NoteStore {
  read(): Promise<readonly Note[]>
  /**
   * In the place of what was there. Rejects with OCC_PAUSES_FULL if a text is longer than the store
   * takes.
   */
  write(notes: readonly Note[]): Promise<void>
  close(): void
}

/** What an operator asks for. */
export interface PauseOrder {
  readonly target: PauseTarget
  /** Name of the operator's token. */
  readonly by: string
  /** Milliseconds since the epoch; null: without an end, and for a resume. */
  readonly until: number | null
  readonly reason: string | null
}

/** The pauses of the target, and of the partitions of a topic, before and after. */
export interface PauseChange {
  readonly before: readonly Pause[]
  readonly after: readonly Pause[]
}
