import { redactText } from '../../kernel/redact-text.ts'
import { headersToText } from '../../sink/dead-letters/file/letter-line.ts'
import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'

/** A letter without its value, as one JSON object. */
export function letterFacts(letter: StoredLetter) {
  const { record, failedAt, sendingSince } = letter
  return {
    id: letter.id,
    original_topic: record.topic,
    original_partition: record.partition,
    original_offset: record.offset,
    original_timestamp: timeText(record.timestamp),
    error_type: letter.errorType,
    error_message: redactText(letter.errorMessage),
    error_stack: letter.errorStack === null ? null : redactText(letter.errorStack),
    failed_at: timeText(failedAt),
    attempts: letter.attempts,
    handler: letter.handler,
    redrives: letter.redrives,
    sending_since: sendingSince === null ? null : timeText(sendingSince),
    key: record.key?.toString('base64') ?? null,
    value_bytes: record.value?.length ?? null,
    headers: headersToText(record.headers),
    kept_in: letter.keptIn ?? null,
  }
}

/** Remarks in the last column of the list. */
export const SENT = 'sent?'
export const IN_FALLBACK = 'fallback'

/** A row of the list. */
export function letterRow(letter: StoredLetter): string[] {
  const { id, failedAt, errorType, handler, attempts, redrives, sendingSince } = letter
  return [
    id,
    coordinates(letter),
    timeText(failedAt).replace(/\.\d+Z$/, 'Z'),
    errorType,
    handler ?? '-',
    String(attempts),
    String(redrives),
    [sendingSince === null ? [] : SENT, letter.keptIn === undefined ? [] : IN_FALLBACK]
      .flat()
      .join(', '),
  ]
}

export const LIST_HEADER = [
  'ID',
  'Record',
  'Failed at',
  'Error',
  'Handler',
  'Attempts',
  'Redrives',
  '',
]

/** A producer may have sent an invalid date. */
export function timeText(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

/** Readable bytes as text, others as marked base64. */
export function bytesText(bytes: Buffer | string | null): string {
  if (bytes === null) return 'null'
  if (typeof bytes === 'string') return bytes
  const text = bytes.toString('utf8')
  const readable = Buffer.from(text).equals(bytes) && !/[^\P{Cc}\n\r\t]/u.test(text)
  return readable ? text : `${bytes.toString('base64')} (base64)`
}
