/** A way in which the value of a record is packed, told from its first bytes. */
export interface ValueEncoding {
  /** Labels metrics, and is `message.encoding`. */
  readonly name: string
  /** Whether the value begins as one of this encoding does. Asked for every record. */
  matches(value: Buffer): boolean
  /** A reader with memory of its own. */
  open(options: { readonly maxBytes: number }): ValueReader
}

export interface ValueReader {
  /** Whether what is read is a view of memory that the next call overwrites. */
  readonly borrowed: boolean
  /** The unpacked value, `maxBytes` at most. @throws OccError: nothing else, whatever the bytes. */
  read(value: Buffer): Buffer
}
