import type { DeadLetter } from '../../../kernel/shapes/dead-letter.ts'
import { headersFrom, type RecordHeader } from '../../../kernel/shapes/record.ts'
import { timeText } from '../../../kernel/text/figures.ts'
import { errorText, splitErrorText } from '../error-text.ts'
import { letterId } from '../letter-id.ts'
import type { StoredLetter } from '../types.ts'

/** Headers with base64 values; null if the producer sent null. */
export type HeaderTexts = Readonly<Record<string, string | null | ReadonlyArray<string | null>>>

/** A letter as one line of JSON, its bytes in base64. Without a final line break. */
export function letterToLine(letter: DeadLetter): string {
  const { record, error, failedAt, attempts, handler, redrives, group } = letter
  return JSON.stringify({
    id: letterId(letter),
    original_topic: record.topic,
    original_partition: record.partition,
    original_offset: record.offset,
    original_timestamp: timeText(record.timestamp),
    error_type: error.code,
    error_message: errorText(error),
    failed_at: new Date(failedAt).toISOString(),
    attempts,
    handler,
    redrives,
    consumer_group: group,
    key: base64(record.key),
    value: base64(record.value),
    headers: headersToText(record.headers),
  })
}

/** null for anything but a line of `letterToLine`, such as one torn by a crash. */
export function lineToLetter(line: string): StoredLetter | null {
  try {
    const fields = JSON.parse(line)
    if (typeof fields.original_topic !== 'string' || !Number.isInteger(fields.original_offset)) {
      return null
    }
    const record = {
      topic: fields.original_topic,
      partition: fields.original_partition,
      offset: fields.original_offset,
      timestamp: timeOf(fields.original_timestamp),
      key: bytesOf(fields.key),
      value: bytesOf(fields.value),
      headers: textToHeaders(fields.headers ?? {}),
    }
    const handler = fields.handler ?? null
    const group = fields.consumer_group ?? null
    return {
      id: letterId({ record, handler, group }),
      record,
      errorType: fields.error_type,
      ...splitErrorText(String(fields.error_message ?? '')),
      handler,
      attempts: fields.attempts ?? 1,
      failedAt: Date.parse(fields.failed_at),
      redrives: fields.redrives ?? 0,
      group,
      sendingSince: null,
    }
  } catch {
    return null
  }
}

export function headersToText(headers: DeadLetter['record']['headers']): HeaderTexts {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, headerToText(value)]),
  )
}

/** Headers as a client returns them: bytes or a list of bytes; null stays null. */
export function textToHeaders(texts: HeaderTexts): DeadLetter['record']['headers'] {
  const headers = Object.entries(texts).map(
    ([name, value]) =>
      [name, Array.isArray(value) ? value.map(bytesOf) : bytesOf(value as string | null)] as const,
  )
  return headers.length === 0 ? undefined : headersFrom(headers)
}

/** A header can be null on the wire, alone or among several of the same name. */
function headerToText(header: RecordHeader | undefined): HeaderTexts[string] {
  return Array.isArray(header) ? header.map(base64) : base64((header ?? null) as Buffer | null)
}

function timeOf(text: string): number {
  return /^-?\d+(\.\d+)?(e\+?\d+)?$/.test(text) ? Number(text) : Date.parse(text)
}

function base64(bytes: Buffer | string | null): string | null {
  if (bytes === null) return null
  return (typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('base64')
}

function bytesOf(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64')
}
