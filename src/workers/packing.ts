import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import { packHeaders, unpackHeaders } from './packed-headers.ts'

/**
 * Records of one partition in one block of memory that can be handed to another thread without a
 * copy. Values are slices of whole fetch responses, which cannot be given away: this is the one copy.
 *
 *     count (4 bytes), 4 bytes of nothing; for each record offset and timestamp (float64), the
 *     lengths of key, value and headers (int32, -1: there is none), 4 bytes of nothing; then all
 *     keys, values and headers in that order.
 */
const START = 8
const ENTRY = 32
const NONE = -1

/** Bytes of a record when it is packed, its headers apart. */
export function packedSize({ key, value }: KafkaRecord): number {
  return ENTRY + (key?.length ?? 0) + (value?.length ?? 0)
}

export function packRecords(records: readonly KafkaRecord[]): ArrayBuffer {
  const headers = records.map((record) => packHeaders(record.headers))
  let size = START
  for (const [index, record] of records.entries()) {
    size += packedSize(record) + (headers[index]?.length ?? 0)
  }
  const packed = new ArrayBuffer(size)
  const view = new DataView(packed)
  const bytes = new Uint8Array(packed)
  view.setUint32(0, records.length)
  let end = START + records.length * ENTRY
  const put = (part: Buffer | null | undefined, at: number): void => {
    view.setInt32(at, part?.length ?? NONE)
    if (part === null || part === undefined) return
    bytes.set(part, end)
    end += part.length
  }
  for (const [index, { offset, timestamp, key, value }] of records.entries()) {
    const at = START + index * ENTRY
    view.setFloat64(at, offset)
    view.setFloat64(at + 8, timestamp)
    put(key, at + 16)
    put(value, at + 20)
    put(headers[index], at + 24)
  }
  return packed
}

/** The records again; their keys and values are slices of `packed`. */
export function unpackRecords(
  packed: ArrayBuffer,
  { topic, partition }: TopicPartition,
): KafkaRecord[] {
  const view = new DataView(packed)
  const count = view.getUint32(0)
  let end = START + count * ENTRY
  const take = (at: number): Buffer | null => {
    const length = view.getInt32(at)
    if (length === NONE) return null
    const part = Buffer.from(packed, end, length)
    end += length
    return part
  }
  return Array.from({ length: count }, (_, index) => {
    const at = START + index * ENTRY
    const offset = view.getFloat64(at)
    const timestamp = view.getFloat64(at + 8)
    const key = take(at + 16)
    const value = take(at + 20)
    const headers = unpackHeaders(take(at + 24))
    return { topic, partition, offset, timestamp, key, value, headers }
  })
}
