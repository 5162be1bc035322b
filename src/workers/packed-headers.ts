import { headersFrom, type KafkaRecord, type RecordHeader } from '../kernel/shapes/record.ts'

type Headers = KafkaRecord['headers']
type HeaderValue = Buffer | string | null
/** `['b', base64]` for bytes, `['s', text]`, or null. */
type PackedValue = readonly [string, string] | null
type Packed = Array<readonly [name: string, isList: boolean, values: PackedValue[]]>

/** Headers that exist but are empty, as kafkajs returns for nearly every record. */
const EMPTY = Buffer.alloc(0)

/**
 * Headers as bytes: null for undefined, no bytes for empty headers, else JSON with the bytes in
 * base64. Few streams have headers, and those few have small ones.
 */
export function packHeaders(headers: Headers): Buffer | null {
  if (headers === undefined) return null
  if (isEmpty(headers)) return EMPTY
  const packed: Packed = Object.entries(headers).flatMap(([name, header]) => {
    if (header === undefined) return []
    const isList = isValues(header)
    const values = isList ? header : [header]
    return [[name, isList, values.map(packValue)] as const]
  })
  return Buffer.from(JSON.stringify(packed))
}

export function unpackHeaders(bytes: Buffer | null): Headers {
  if (bytes === null) return undefined
  if (bytes.length === 0) return headersFrom([])
  const packed: Packed = JSON.parse(bytes.toString())
  return headersFrom(
    packed.map(([name, isList, values]) => {
      const unpacked = values.map(unpackValue)
      const header: RecordHeader = isList ? unpacked : (unpacked[0] ?? null)
      return [name, header] as const
    }),
  )
}

function isEmpty(headers: NonNullable<Headers>): boolean {
  for (const _name in headers) return false
  return true
}

function isValues(header: RecordHeader): header is readonly HeaderValue[] {
  return Array.isArray(header)
}

function packValue(value: HeaderValue): PackedValue {
  if (value === null) return null
  return typeof value === 'string' ? ['s', value] : ['b', value.toString('base64')]
}

function unpackValue(packed: PackedValue): HeaderValue {
  if (packed === null) return null
  const [kind, text] = packed
  return kind === 'b' ? Buffer.from(text, 'base64') : text
}
