import type { DeadLetter } from '../../kernel/dead-letter.ts'
import type { KafkaRecord, RecordHeader } from '../../kernel/record.ts'
import { letterId } from './letter-id.ts'
import type { StoredLetter } from './types.ts'

type Headers = Record<string, RecordHeader>
type Value = Buffer | string | null

/** Ours; a record may have brought some of the same name, which stay, before ours. */
const NAMES = {
  topic: 'original_topic',
  partition: 'original_partition',
  offset: 'original_offset',
  timestamp: 'original_timestamp',
  errorType: 'error_type',
  errorMessage: 'error_message',
  failedAt: 'failed_at',
  attempts: 'attempts',
  handler: 'handler',
  redrives: 'redrives',
  /** Which of the record's own headers were null, as [name, index]: kafkajs cannot send such. */
  nulls: 'occ-null-headers',
} as const

/**
 * Most characters of the error's message: one that quotes a whole response would make a letter that
 * no topic takes, and its partition wait for ever.
 */
const MOST_MESSAGE = 8_192

/** The record's own headers and, behind them, what the letter says of it. */
export function letterToHeaders(letter: DeadLetter): Headers {
  const { record, error, failedAt, attempts, handler, redrives } = letter
  const { headers, nulls } = withoutNulls(record.headers ?? {})
  const own: Record<string, string> = {
    [NAMES.topic]: record.topic,
    [NAMES.partition]: String(record.partition),
    [NAMES.offset]: String(record.offset),
    [NAMES.timestamp]: String(record.timestamp),
    [NAMES.errorType]: error.code,
    [NAMES.errorMessage]: error.message.slice(0, MOST_MESSAGE),
    [NAMES.failedAt]: new Date(failedAt).toISOString(),
    [NAMES.attempts]: String(attempts),
    [NAMES.redrives]: String(redrives),
    [NAMES.handler]: handler ?? '',
  }
  // The others are always there. This one is noise, but where it would be mistaken for the record's.
  if (nulls.length > 0 || NAMES.nulls in headers) own[NAMES.nulls] = JSON.stringify(nulls)
  for (const [name, value] of Object.entries(own)) {
    const brought = headers[name]
    headers[name] = brought === undefined ? value : [brought].flat().concat(value)
  }
  return headers
}

/** The letter in a record of the dead-letter topic; null for a record of somebody else. */
export function recordToLetter(record: KafkaRecord): StoredLetter | null {
  const headers = new Map(
    Object.entries(record.headers ?? {}).map(([name, value]) => [name, valuesOf(value)]),
  )
  const take = (name: string): string | null => {
    const values = headers.get(name)
    const last = values?.pop()
    if (values?.length === 0) headers.delete(name)
    return last === undefined || last === null ? null : last.toString()
  }
  const topic = take(NAMES.topic)
  const offset = Number(take(NAMES.offset) ?? Number.NaN)
  const failedAt = Date.parse(take(NAMES.failedAt) ?? '')
  if (topic === null || !Number.isSafeInteger(offset) || Number.isNaN(failedAt)) return null
  const partition = Number(take(NAMES.partition) ?? 0)
  const timestamp = Number(take(NAMES.timestamp) ?? record.timestamp)
  const errorType = take(NAMES.errorType) ?? 'UNKNOWN'
  const errorMessage = take(NAMES.errorMessage) ?? ''
  const attempts = Number(take(NAMES.attempts) ?? 1)
  const redrives = Number(take(NAMES.redrives) ?? 0)
  const handler = take(NAMES.handler) || null
  restoreNulls(headers, take(NAMES.nulls))
  const original: KafkaRecord = {
    topic,
    partition,
    offset,
    timestamp,
    key: record.key,
    value: record.value,
    headers: headersOf(headers),
  }
  return {
    id: letterId({ record: original, handler }),
    record: original,
    errorType,
    errorMessage,
    handler,
    attempts,
    failedAt,
    redrives,
    sendingSince: null,
  }
}

/** All values that came under one name. */
function valuesOf(header: RecordHeader | undefined): Value[] {
  if (header === null || header === undefined) return [null]
  return typeof header === 'string' || Buffer.isBuffer(header) ? [header] : [...header]
}

/** Null headers as empty ones, and where they were. */
function withoutNulls(original: NonNullable<KafkaRecord['headers']>) {
  const nulls: Array<[name: string, index: number]> = []
  const entries = Object.entries(original).map(([name, header]): [string, RecordHeader] => {
    const values = valuesOf(header).map((value, index) => {
      if (value === null) nulls.push([name, index])
      return value ?? Buffer.alloc(0)
    })
    return [name, values.length === 1 ? (values[0] ?? '') : values]
  })
  // Not by assignment, which would lose a header called `__proto__`.
  const headers: Headers = Object.fromEntries(entries)
  return { headers, nulls }
}

function restoreNulls(headers: ReadonlyMap<string, Value[]>, text: string | null): void {
  if (text === null) return
  for (const [name, index] of JSON.parse(text) as Array<[string, number]>) {
    const values = headers.get(name)
    if (values !== undefined) values[index] = null
  }
}

function headersOf(values: ReadonlyMap<string, Value[]>): KafkaRecord['headers'] {
  if (values.size === 0) return undefined
  const entries = Array.from(values, ([name, all]) => [name, all.length === 1 ? all[0] : all])
  return Object.fromEntries(entries)
}
