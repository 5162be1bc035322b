import type { KafkaRecord, RecordHeader } from '../../kernel/shapes/record.ts'
import { type Cursor, Malformed } from './cursor.ts'

type Headers = Record<string, RecordHeader | undefined>

/** Shared by all records without headers, which most are. */
export const emptyHeaders: NonNullable<KafkaRecord['headers']> = Object.freeze(
  Object.create(null) as Headers,
)

/**
 * The headers of a record, starting at their count. Without a prototype, since a header may be
 * called `constructor` or `__proto__`. Several with one name become a list, in order.
 */
export function readHeaders(cursor: Cursor): NonNullable<KafkaRecord['headers']> {
  const count = cursor.varint('the number of its headers')
  if (count === 0) return emptyHeaders
  // A header takes at least two bytes.
  if (count < 0 || count * 2 > cursor.end - cursor.at) {
    throw new Malformed(`it has ${count} headers`)
  }
  const headers = Object.create(null) as Headers
  const lists = new Map<string, Array<Buffer | string | null>>()
  for (let index = 0; index < count; index++) {
    const name = cursor.bytesOrNull('the name of a header')?.toString()
    if (name === undefined) throw new Malformed('a header has no name')
    const value = cursor.bytesOrNull('a header')
    const before = headers[name]
    if (before === undefined) {
      headers[name] = value
      continue
    }
    const list = lists.get(name)
    if (list !== undefined) {
      list.push(value)
    } else {
      const both = [before as Buffer | null, value]
      lists.set(name, both)
      headers[name] = both
    }
  }
  return headers
}
