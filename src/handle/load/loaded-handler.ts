import type { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { HeldRows } from '../../kernel/shapes/held-write.ts'
import type { CallTracing, TraceContext } from '../../kernel/tracing.ts'
import type { HandlerMeter } from '../../observe/types.ts'
import type { Handler } from '../api/types.ts'
import type { EventFilter } from '../select/event-filter.ts'

/** A handler with its configuration. */
export interface LoadedHandler {
  readonly name: string
  readonly definition: Handler
  /** Path of its module; undefined: it is part of the program. */
  readonly file?: string | undefined
  /** Patterns of the topics whose messages it gets. */
  readonly topics: readonly string[]
  /** It is the only handler of its consumer group, so it shares the order of no other. */
  readonly hasOwnGroup?: boolean
  /** Maximum calls at the same time in this process; undefined: those of the flow. */
  readonly concurrency?: number | undefined
  /** Maximum messages a second in this process; undefined or 0: no limit. */
  readonly maxRecordsPerSecond?: number | undefined
  /** Total attempts at a record; undefined: `retry.attempts`. */
  readonly attempts?: number | undefined
  /** Maximum milliseconds of a call. */
  readonly timeout: number
  /** The filters of code and configuration combined; null: every event. */
  readonly filter: EventFilter | null
  readonly options: Readonly<Record<string, unknown>>
  readonly log: Log
  readonly meter: HandlerMeter
  readonly emit: HandlerEmit
  /** Makes spans of its calls. null or absent: nobody does. */
  readonly tracing?: CallTracing | null
  /** Its records are finished in a transaction, which holds what it emits. */
  readonly transacts?: boolean
  /** It runs in worker threads, so it cannot join that transaction: `context.transaction`. */
  readonly usesWorkers?: boolean
  /** Told if it cannot, and tries to. */
  readonly noTransaction?: ((error: OccError) => void) | undefined
  /** It may park its records: `context.later`. */
  readonly parks?: boolean
}

/** `Emit` with information for the sink about the source. */
export type HandlerEmit = (
  source: EmitSource,
  sink: string,
  value: unknown,
  key: string | null,
) => Promise<void>

export interface EmitSource {
  readonly handler: string
  /** Idempotency key. */
  readonly id: string
  /** It comes of a record that is handled once more by an operator's wish. */
  readonly replay?: true
  /** Goes with the value. Absent: it comes of no trace. */
  readonly trace?: TraceContext
  /**
   * Keeps rows until its records are finished, for a sink that does not write them at once. Absent:
   * no transaction finishes the records.
   */
  readonly hold?: (rows: EmittedRows) => void
}

export type EmittedRows = Pick<HeldRows, 'sink' | 'rows' | 'bytes'>
