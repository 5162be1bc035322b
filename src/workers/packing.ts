import type { KafkaRecord, TopicPartition } from '../kernel/shapes/record.ts'
import { packHeaders, unpackHeaders } from './packed-headers.ts'

/**
 * Records of one partition in one block of memory that can be transferred to another thread. Values
 * are slices of whole fetch responses, which cannot be transferred: packing is the only copy.
 *
 *     count (4 bytes), 4 bytes of padding; for each record offset and timestamp (float64), the
 *     lengths of key, value and headers (int32, -1: null), 4 bytes of padding; then all keys,
 *     values and headers in that order.
 */
const START = 8
const ENTRY = 32
const NONE = -1

/** Packed size of a record in bytes, without its headers. */
export function packedSize({ key, value }: KafkaRecord): number {
  return ENTRY + (key?.length ?? 0) + (value?.length ?? 0)
}

export function packRecords(records: readonly KafkaRecord[]): ArrayBuffer {
  const headers = records.map((record) => packHeaders(record.headers))
  let size = START
  for (let index = 0; index < records.length; index++) {
    size += packedSize(records[index] as KafkaRecord) + (headers[index]?.length ?? 0)
  }
  const packed = new ArrayBuffer(roundUp(size))
  const bytes = new Uint8Array(packed)
  const numbers = new Float64Array(packed)
  const lengths = new Int32Array(packed)
  lengths[0] = records.length
  let end = START + records.length * ENTRY
  const put = (part: Buffer | null | undefined, at: number): void => {
    if (part === null || part === undefined) {
      lengths[at] = NONE
      return
    }
    lengths[at] = part.length
    if (part.length === 0) return
    bytes.set(part, end)
    end += part.length
  }
  for (let index = 0; index < records.length; index++) {
    const { offset, timestamp, key, value } = records[index] as KafkaRecord
    const at = START + index * ENTRY
    numbers[at / 8] = offset
    numbers[at / 8 + 1] = timestamp
    put(key, at / 4 + 4)
    put(value, at / 4 + 5)
    put(headers[index], at / 4 + 6)
  }
  return packed
}

/** Unpacks the records; their keys and values are slices of `packed`. */
export function unpackRecords(
  packed: ArrayBuffer,
  { topic, partition }: TopicPartition,
): KafkaRecord[] {
  const numbers = new Float64Array(packed)
  const lengths = new Int32Array(packed)
  const count = lengths[0] ?? 0
  let end = START + count * ENTRY
  const take = (at: number): Buffer | null => {
    const length = lengths[at] ?? NONE
    if (length === NONE) return null
    const part = Buffer.from(packed, end, length)
    end += length
    return part
  }
  return Array.from({ length: count }, (_, index) => {
    const at = START + index * ENTRY
    const offset = numbers[at / 8] ?? 0
    const timestamp = numbers[at / 8 + 1] ?? 0
    const key = take(at / 4 + 4)
    const value = take(at / 4 + 5)
    const headers = unpackHeaders(take(at / 4 + 6))
    return { topic, partition, offset, timestamp, key, value, headers }
  })
}

/** To a multiple of 8 bytes, so that the block can be viewed as float64. */
function roundUp(size: number): number {
  return Math.ceil(size / 8) * 8
}
