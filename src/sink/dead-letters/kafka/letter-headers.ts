import type { DeadLetter } from '../../../kernel/shapes/dead-letter.ts'
import {
  headersFrom,
  headerValues,
  type KafkaRecord,
  type RecordHeader,
} from '../../../kernel/shapes/record.ts'
import { errorText, splitErrorText } from '../error-text.ts'
import { letterId } from '../letter-id.ts'
import type { StoredLetter } from '../types.ts'

type Value = Buffer | string | null

/** Our headers; a record's own headers of the same name stay, before ours. */
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
  group: 'consumer_group',
  /** In letters of version 0.1: the record's own headers that were null, as [name, index]. */
  nulls: 'occ-null-headers',
} as const

/**
 * The record's own headers, followed by those that describe the letter.
 *
 * @param mostMessage Maximum characters of the error's message and stack, the dispensable part of a
 * letter.
 */
export function letterToHeaders(
  letter: DeadLetter,
  mostMessage = Number.POSITIVE_INFINITY,
): NonNullable<KafkaRecord['headers']> {
  const { record, error, failedAt, attempts, handler, redrives, group } = letter
  const brought = record.headers ?? {}
  const own: Record<string, string> = {
    [NAMES.topic]: record.topic,
    [NAMES.partition]: String(record.partition),
    [NAMES.offset]: String(record.offset),
    [NAMES.timestamp]: String(record.timestamp),
    [NAMES.errorType]: error.code,
    [NAMES.errorMessage]: errorText(error).slice(0, mostMessage),
    [NAMES.failedAt]: new Date(failedAt).toISOString(),
    [NAMES.attempts]: String(attempts),
    [NAMES.redrives]: String(redrives),
    [NAMES.handler]: handler ?? '',
    [NAMES.group]: group,
    // Otherwise the record's header would be mistaken for the letter's.
    ...(Object.hasOwn(brought, NAMES.nulls) ? { [NAMES.nulls]: '[]' } : {}),
  }
  const entries = Object.entries(own).map(([name, value]): [string, RecordHeader] => [
    name,
    Object.hasOwn(brought, name) ? [...headerValues(brought[name]), value] : value,
  ])
  return headersFrom([...Object.entries(brought), ...entries])
}

/** The letter in a record of the dead-letter topic; null for a foreign record. */
export function recordToLetter(record: KafkaRecord): StoredLetter | null {
  const headers = new Map(
    Object.entries(record.headers ?? {}).map(([name, value]) => [name, headerValues(value)]),
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
  const group = take(NAMES.group) || null
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
    id: letterId({ record: original, handler, group }),
    record: original,
    errorType,
    ...splitErrorText(errorMessage),
    handler,
    attempts,
    failedAt,
    redrives,
    group,
    sendingSince: null,
  }
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
  return headersFrom(
    Array.from(values, ([name, all]) => [name, all.length === 1 ? all[0] : all] as const),
  )
}
