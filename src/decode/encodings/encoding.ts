/** An encoding of a record's value, recognized by its first bytes. */
export interface ValueEncoding {
  /** Label of metrics, and `message.encoding`. */
  readonly name: string
  /** Whether the value begins like one of this encoding. Called for every record. */
  matches(value: Buffer): boolean
  /** A reader with its own memory. */
  open(options: { readonly maxBytes: number }): ValueReader
}

export interface ValueReader {
  /** Whether the result is a view of memory that the next call overwrites. */
  readonly borrowed: boolean
  /** The unpacked value, at most `maxBytes`. @throws OccError: nothing else, whatever the bytes. */
  read(value: Buffer): Buffer
}
