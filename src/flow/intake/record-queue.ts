import { headersFrom, type KafkaRecord, type RecordHeader } from '../../kernel/shapes/record.ts'

/** Bytes a record costs beyond its content: the objects around it. */
const OVERHEAD = 200

/** A FIFO queue that tracks its size in bytes. */
export class RecordQueue {
  #records: Array<KafkaRecord | undefined> = []
  #head = 0
  #bytes = 0
  /** How many at the front are already copies. */
  #detached = 0
  /** How many at the front were already here at the last `detachOld`. */
  #old = 0

  get length(): number {
    return this.#records.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  peek(): KafkaRecord | undefined {
    return this.#records[this.#head]
  }

  push(record: KafkaRecord): void {
    this.#records.push(record)
    this.#bytes += sizeOf(record)
  }

  shift(): KafkaRecord | undefined {
    const record = this.#records[this.#head]
    if (record === undefined) return undefined
    // Otherwise a queue that never runs empty would hold a thousand handled records, uncounted.
    this.#records[this.#head] = undefined
    this.#head += 1
    this.#bytes -= sizeOf(record)
    if (this.#detached > 0) this.#detached -= 1
    if (this.#old > 0) this.#old -= 1
    if (this.#head === this.#records.length) {
      this.#records = []
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head)
      this.#head = 0
    }
    return record
  }

  /** Drops records at or above `offset` and returns them. */
  dropFrom(offset: number): readonly KafkaRecord[] {
    const all = this.#records.slice(this.#head).filter((record) => record !== undefined)
    const dropped = all.filter((record) => record.offset >= offset)
    if (dropped.length === 0) return dropped
    this.clear()
    for (const record of all) if (record.offset < offset) this.push(record)
    return dropped
  }

  clear(): void {
    this.#records = []
    this.#head = 0
    this.#bytes = 0
    this.#detached = 0
    this.#old = 0
  }

  /**
   * Called periodically. Copies records that were already here at the last call out of their fetch
   * buffers. One old record keeps its whole response alive, so a slow queue of small records could
   * hold a great many responses.
   */
  detachOld(): void {
    for (let index = this.#head + this.#detached; index < this.#head + this.#old; index++) {
      const record = this.#records[index]
      if (record !== undefined) this.#records[index] = copyOf(record)
    }
    this.#detached = this.#old
    this.#old = this.length
  }
}

/** A copy of the record, independent of the fetch response that its bytes are a slice of. */
export function copyOf(record: KafkaRecord): KafkaRecord {
  return {
    ...record,
    key: record.key === null ? null : Buffer.from(record.key),
    value: record.value === null ? null : Buffer.from(record.value),
    headers: record.headers && copyHeaders(record.headers),
  }
}

/** Header values are slices of the fetch buffer too. A value can be null on the wire. */
function copyHeaders(headers: NonNullable<KafkaRecord['headers']>): KafkaRecord['headers'] {
  return headersFrom(
    Object.entries(headers).map(([name, header]) => [
      name,
      isMany(header) ? header.map(copyValue) : copyValue(header),
    ]),
  )
}

function copyValue<T extends Buffer | string | null | undefined>(value: T): T | Buffer {
  return Buffer.isBuffer(value) ? Buffer.from(value) : value
}

function isMany(header: RecordHeader | undefined): header is ReadonlyArray<Buffer | string | null> {
  return Array.isArray(header)
}

/** Bytes a record counts for in its queue. */
export function sizeOf(record: KafkaRecord): number {
  const { key, value, headers } = record
  let size = OVERHEAD + (value?.length ?? 0) + (key?.length ?? 0)
  for (const name in headers) {
    const header = headers[name]
    size += name.length
    if (isMany(header)) for (const item of header) size += item?.length ?? 0
    else size += header?.length ?? 0
  }
  return size
}
