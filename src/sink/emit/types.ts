import type { HeldRows, TransactionQuery } from '../../kernel/shapes/held-write.ts'
import type { TraceContext } from '../../kernel/tracing.ts'

/** One value on its way to a sink. */
export interface EmittedItem {
  readonly handler: string
  /** Idempotency key. */
  readonly id: string
  readonly key: string | null
  /** It comes of a record that is handled once more by an operator's wish. */
  readonly replay?: true
  /** Goes with it. Absent or undefined: it comes of no trace. Set while it has a span of its own. */
  trace?: TraceContext | undefined
  /**
   * JSON, text or bytes, according to `form`; made when it is read first.
   * @throws OccError OCC_EMIT_VALUE
   */
  readonly value: Buffer
  readonly form: 'json' | 'text' | 'bytes'
  /** What the handler emitted. It may change it after `write` has returned. */
  readonly given: unknown
}

/**
 * The side of a sink whose rows can be part of a transaction that others make, such as that of the
 * offsets.
 */
export interface HeldSink {
  /** The rows of one value. @throws OccError OCC_EMIT_ROW */
  rowsOf(given: unknown): HeldRows['rows']
  /** Before the transaction: makes the table, and room for the rows. */
  prepare(rows: HeldRows['rows']): Promise<void>
  insert(query: TransactionQuery, rows: HeldRows['rows']): Promise<void>
  /** The transaction was committed. */
  written(rows: number): void
}

/** Receives the values of handlers. */
export interface EmitSink {
  /** Absent: it writes each value itself. */
  readonly held?: HeldSink
  /** A check at the start: rejects if the sink will not work. */
  check(): Promise<void>
  /** Resolves when the item is stored durably. */
  write(item: EmittedItem): Promise<void>
  close(): Promise<void>
}

/** Maximum number of values, and their bytes, that a sink writes at once. */
export const EMITTED = { maxItems: 1_000, maxBytes: 512 * 1024 } as const
