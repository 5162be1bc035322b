import { compareText } from './assignor.ts'

/** A cursor over Kafka's older, fixed-length encoding. Reading past the end throws a RangeError. */
export interface WireReader {
  int16(): number
  int32(): number
  string(): string
  nullableString(): string | null
  nullableBytes(): Buffer | null
  strings(): string[]
  /** array<{topic, partitions array<int32>}>; a topic that occurs twice is merged. */
  topicPartitions(): Map<string, number[]>
  /** Number of unread bytes. */
  readonly left: number
}

export function createWireReader(bytes: Buffer): WireReader {
  let at = 0
  const take = (length: number): number => {
    if (length < 0 || at + length > bytes.length) {
      throw new RangeError(`${length} bytes expected at ${at} of ${bytes.length}`)
    }
    at += length
    return at - length
  }
  const int16 = () => bytes.readInt16BE(take(2))
  const int32 = () => bytes.readInt32BE(take(4))
  const text = (length: number) => {
    const start = take(length)
    return bytes.toString('utf8', start, start + length)
  }
  // Each element takes at least 2 bytes: a garbled length fails here and does not fill the memory.
  const arrayLength = () => {
    const length = int32()
    if (length < -1 || length * 2 > bytes.length - at) {
      throw new RangeError(`an array of ${length} elements`)
    }
    return Math.max(0, length)
  }
  const array = <Element>(read: () => Element): Element[] =>
    Array.from({ length: arrayLength() }, read)
  const string = () => text(int16())

  return {
    int16,
    int32,
    string,
    nullableString() {
      const length = int16()
      return length === -1 ? null : text(length)
    },
    nullableBytes() {
      const length = int32()
      if (length === -1) return null
      const start = take(length)
      return bytes.subarray(start, start + length)
    },
    strings: () => array(string),
    topicPartitions() {
      const read = new Map<string, number[]>()
      for (let left = arrayLength(); left > 0; left--) {
        const topic = string()
        read.set(topic, [...(read.get(topic) ?? []), ...array(int32)])
      }
      return read
    },
    get left() {
      return bytes.length - at
    },
  }
}

export function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeInt16BE(value)
  return bytes
}

export function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function nullableString(value: string | null): Buffer {
  if (value === null) return int16(-1)
  const bytes = Buffer.from(value)
  return Buffer.concat([int16(bytes.length), bytes])
}

export function nullableBytes(value: Buffer | null): Buffer {
  return value === null ? int32(-1) : Buffer.concat([int32(value.length), value])
}

export function strings(values: readonly string[]): Buffer {
  return Buffer.concat([int32(values.length), ...values.map(nullableString)])
}

/**
 * Sorted, so that equal partitions are equal bytes: the broker compares a member's bytes with its
 * last.
 */
export function topicPartitions(value: ReadonlyMap<string, readonly number[]>): Buffer {
  const topics = [...value]
    .filter(([, partitions]) => partitions.length > 0)
    .sort(([one], [other]) => compareText(one, other))
  const parts = topics.flatMap(([topic, partitions]) => {
    const numbers = Buffer.allocUnsafe(4 * partitions.length)
    const sorted = [...partitions].sort((one, other) => one - other)
    for (const [index, partition] of sorted.entries()) numbers.writeInt32BE(partition, 4 * index)
    return [nullableString(topic), int32(partitions.length), numbers]
  })
  return Buffer.concat([int32(topics.length), ...parts])
}
