/** One value on its way to a sink. */
export interface EmittedItem {
  readonly handler: string
  /** Idempotency key. */
  readonly id: string
  readonly key: string | null
  /** JSON, text or bytes, as `form` says. */
  readonly value: Buffer
  readonly form: 'json' | 'text' | 'bytes'
}

/** Where handlers' values go. */
export interface EmitSink {
  /** A first look: rejects when it will not work, for a word at the start. */
  check(): Promise<void>
  /** Resolves when the item is safe there. */
  write(item: EmittedItem): Promise<void>
  close(): Promise<void>
}

/** Most values, and bytes of them, that a sink writes at once. */
export const EMITTED = { maxItems: 1_000, maxBytes: 512 * 1024 } as const
