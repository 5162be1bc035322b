/** One value on its way to a sink. */
export interface EmittedItem {
  readonly handler: string
  /** Idempotency key. */
  readonly id: string
  readonly key: string | null
  /** It comes of a record that is handled once more by an operator's wish. */
  readonly replay?: true
  /**
   * JSON, text or bytes, according to `form`; made when it is read first.
   * @throws OccError OCC_EMIT_VALUE
   */
  readonly value: Buffer
  readonly form: 'json' | 'text' | 'bytes'
  /** What the handler emitted. It may change it after `write` has returned. */
  readonly given: unknown
}

/** Receives the values of handlers. */
export interface EmitSink {
  /** A check at the start: rejects if the sink will not work. */
  check(): Promise<void>
  /** Resolves when the item is stored durably. */
  write(item: EmittedItem): Promise<void>
  close(): Promise<void>
}

/** Maximum number of values, and their bytes, that a sink writes at once. */
export const EMITTED = { maxItems: 1_000, maxBytes: 512 * 1024 } as const
