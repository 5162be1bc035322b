import { compressLz4Frame } from '../../decode/lz4/compress.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import {
  headersFrom,
  headerValues,
  type KafkaRecord,
  type RecordHeader,
} from '../../kernel/shapes/record.ts'
import { readZonedTime } from '../../kernel/text/zoned-time.ts'
import { timeText } from '../terminal/terminal.ts'
import { parseExactly } from './exact-json.ts'

/** Fields of a record's line; `decoded` is for people, and ignored when the line is read. */
const FIELDS: ReadonlySet<string> = new Set([
  'topic',
  'partition',
  'offset',
  'timestamp',
  'key',
  'headers',
  'encoding',
  'value',
  'decoded',
])

/** Bytes that are not UTF-8 text. */
interface Base64 {
  readonly base64: string
}

/** Encodings in which a line's value is packed again; values of others stay bytes in the line. */
const PACKERS = {
  plain: (value: Buffer) => value,
  lz4: compressLz4Frame,
}

export type LineEncoding = keyof typeof PACKERS

export function isLineEncoding(encoding: unknown): encoding is LineEncoding {
  return typeof encoding === 'string' && Object.hasOwn(PACKERS, encoding)
}

/** The unpacked text of a value, and the encoding it was unpacked from. */
export interface Unpacked {
  readonly encoding: LineEncoding
  readonly text: string
}

/**
 * A record as one line of JSON that `lineToRecord` reads, for people to read and edit: bytes are
 * text where they are UTF-8, else `{base64}`; a JSON document is part of the line.
 * @param unpacked null: the value is written as it is.
 */
export function recordToLine(
  record: KafkaRecord,
  unpacked: Unpacked | null,
  decoded?: object,
): string {
  return JSON.stringify({
    ...factsOf(record, unpacked?.encoding),
    value: unpacked === null ? bytesToField(record.value) : textToField(unpacked.text),
    ...(decoded !== undefined && { decoded }),
  })
}

/**
 * The same for a value that is known to be JSON: its text is part of the line as it is.
 * @param text on one line
 */
export function jsonTextToLine(
  record: KafkaRecord,
  encoding: LineEncoding,
  text: string,
  decoded?: object,
): string {
  // A document that is text itself could be taken for the text of one.
  if (!/^\s*[[{]/.test(text)) return recordToLine(record, { encoding, text }, decoded)
  const head = JSON.stringify(factsOf(record, encoding)).slice(0, -1)
  const tail = decoded === undefined ? '' : `,"decoded":${JSON.stringify(decoded)}`
  return `${head},"value":${text}${tail}}`
}

function factsOf(record: KafkaRecord, encoding: LineEncoding | undefined) {
  const { topic, partition, offset, timestamp, key, headers } = record
  return {
    topic,
    partition,
    offset,
    timestamp: timeText(timestamp),
    key: bytesToField(key),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, header]) => {
        const values = headerValues(header).map(bytesToField)
        return [name, Array.isArray(header) ? values : values[0]]
      }),
    ),
    ...(encoding !== undefined && encoding !== 'plain' && { encoding }),
  }
}

/** A document in place of its text, unless that could be taken for text. */
function textToField(text: string): unknown {
  try {
    const document = parseExactly(text)
    return typeof document === 'object' && document !== null ? document : text
  } catch {
    return text
  }
}

function bytesToField(bytes: Buffer | string | null): string | Base64 | null {
  if (bytes === null || typeof bytes === 'string') return bytes
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}

/**
 * The record of a line; null if the line is none, but a message's value. Throws OCC_SAMPLE for a
 * field that cannot be used; the message begins with the field.
 */
export function lineToRecord(line: string): KafkaRecord | null {
  const fields = fieldsIn(line)
  return fields === null ? null : fieldsToRecord(fields)
}

/** A record to send; what its line leaves out is null. */
export interface OutgoingLine extends Pick<KafkaRecord, 'topic' | 'key' | 'value' | 'headers'> {
  readonly partition: number | null
  readonly timestamp: number | null
}

/** The same of a record to send: only topic and value are needed, and an offset is ignored. */
export function lineToOutgoing(line: string): OutgoingLine | null {
  const fields = fieldsIn(line)
  if (fields === null) return null
  const { partition, timestamp } = fields
  const record = fieldsToRecord({ ...fields, offset: 0 })
  return {
    ...record,
    partition: partition === undefined ? null : record.partition,
    timestamp: timestamp === undefined ? null : record.timestamp,
  }
}

type Fields = Readonly<Record<string, unknown>>

/** null: the line is no record's. */
function fieldsIn(line: string): Fields | null {
  try {
    const fields = parseExactly(line)
    return isRecordLine(fields) ? fields : null
  } catch {
    return null
  }
}

function isRecordLine(fields: unknown): fields is Fields {
  if (typeof fields !== 'object' || fields === null) return false
  const names = Object.keys(fields)
  const needed = ['topic', 'value'].every((name) => names.includes(name))
  return needed && names.every((name) => FIELDS.has(name))
}

function fieldsToRecord(fields: Fields): KafkaRecord {
  const { topic, partition = 0, offset, timestamp = 0, key = null, headers } = fields
  const { encoding = 'plain' } = fields
  if (typeof topic !== 'string' || topic === '') throw wrong('topic', topic, 'a topic name')
  if (!isCount(partition)) throw wrong('partition', partition, 'an integer from 0')
  if (!isCount(offset)) throw wrong('offset', offset, 'an integer from 0')
  if (!isLineEncoding(encoding)) throw wrong('encoding', encoding, 'lz4, or leave it out')
  const value = bytesOfValue(fields['value'])
  return {
    topic,
    partition,
    offset,
    timestamp: timeOf(timestamp),
    key: fieldToBytes('key', key),
    value: value === null ? null : PACKERS[encoding](value),
    headers: headersOf(headers),
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function timeOf(value: unknown): number {
  const time = typeof value === 'string' ? readZonedTime(value) : value
  if (typeof time === 'number' && Number.isFinite(time)) return time
  throw wrong('timestamp', value, '2026-01-31T12:00:00Z, or milliseconds since 1970')
}

function bytesOfValue(value: unknown): Buffer | null {
  const isDocument = typeof value === 'object' && value !== null && !isBase64(value)
  if (isDocument || typeof value === 'number' || typeof value === 'boolean') {
    return Buffer.from(JSON.stringify(value))
  }
  return fieldToBytes('value', value)
}

function headersOf(headers: unknown): KafkaRecord['headers'] {
  if (headers === undefined || headers === null) return undefined
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    throw wrong('headers', headers, 'a map of names to texts')
  }
  const entries = Object.entries(headers).map(([name, value]): [string, RecordHeader] => {
    const bytes = (one: unknown) => fieldToBytes(`headers.${name}`, one)
    return [name, Array.isArray(value) ? value.map(bytes) : bytes(value)]
  })
  return entries.length === 0 ? undefined : headersFrom(entries)
}

function fieldToBytes(name: string, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return Buffer.from(value)
  if (isBase64(value)) return Buffer.from(value.base64, 'base64')
  throw wrong(name, value, 'text, null, or {"base64": "..."}')
}

function isBase64(value: unknown): value is Base64 {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return false
  return typeof value.base64 === 'string' && Object.keys(value).length === 1
}

function wrong(field: string, value: unknown, instead: string): OccError {
  const shown = value === undefined ? 'is missing' : `is ${shorten(value)}`
  return new OccError('OCC_SAMPLE', `${field} ${shown}; write ${instead}`)
}

function shorten(value: unknown): string {
  try {
    return JSON.stringify(value).slice(0, 60)
  } catch (error) {
    return messageOf(error)
  }
}
