/** A statement in a transaction that is open. Rejects with the error of the database. */
export type TransactionQuery = (
  text: string,
  values?: readonly unknown[],
) => Promise<{
  readonly rows: ReadonlyArray<Record<string, unknown>>
  readonly rowCount: number | null
}>

interface Held {
  readonly handler: string
  /**
   * Offsets of the records that it belongs to, all of one partition: several if a batch did not say
   * which of its messages it is for.
   */
  readonly offsets: readonly number[]
}

/** Blocks that were superseded or restored, whose rows change in the same transaction. */
export interface BlockChange {
  readonly blocks: ReadonlyArray<{
    readonly number: bigint
    /** As in the column of the sink. */
    readonly hash: string
    /** Hash of the block in its place; null: it is valid. */
    readonly supersededBy: string | null
  }>
}

/** Rows that a handler emitted to a sink in the database of the offsets. */
export interface HeldRows extends Held {
  readonly kind: 'rows'
  readonly sink: string
  /** The cells of each row, in the order of the sink's columns; what becomes of rows that are there. */
  readonly rows: ReadonlyArray<ReadonlyArray<string | null> | BlockChange>
  readonly bytes: number
}

/** What an emit returns whose rows are kept: there is nothing to wait for. */
export const KEPT: Promise<void> = Promise.resolve()

/** Statements of a handler's own: `context.transaction`. */
export interface HeldWork extends Held {
  readonly kind: 'work'
  run(query: TransactionQuery): Promise<unknown>
}

/**
 * What a call wants written in the transaction that finishes its records. It is written once all
 * handlers of these records are done, together with their offsets, or never.
 */
export type HeldWrite = HeldRows | HeldWork

/** Whether the write is for more than one record. */
export function isShared({ offsets }: Pick<Held, 'offsets'>): boolean {
  return offsets.length > 1
}
