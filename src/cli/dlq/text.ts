import { printable, printableLines } from '../../kernel/text/printable.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { headersToText } from '../../sink/dead-letters/file/letter-line.ts'
import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { secondText, timeText } from '../terminal/terminal.ts'

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
    consumer_group: letter.group,
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

/** A row of the list. @param withGroup Whether the list has a column for the group. */
export function letterRow(letter: StoredLetter, withGroup: boolean): string[] {
  const { id, failedAt, errorType, handler, attempts, redrives, sendingSince } = letter
  return [
    id,
    coordinates(letter),
    secondText(failedAt),
    ...(withGroup ? [letter.group ?? '-'] : []),
    printable(errorType),
    printable(handler ?? '-'),
    String(attempts),
    String(redrives),
    [sendingSince === null ? [] : SENT, letter.keptIn === undefined ? [] : IN_FALLBACK]
      .flat()
      .join(', '),
  ]
}

export function listHeader(withGroup: boolean): string[] {
  const group = withGroup ? ['Group'] : []
  return ['ID', 'Record', 'Failed at', ...group, 'Error', 'Handler', 'Attempts', 'Redrives', '']
}

/** Readable bytes as text, others as marked base64. Safe to print in a terminal. */
export function bytesText(bytes: Buffer | string | null): string {
  if (bytes === null) return 'null'
  if (typeof bytes === 'string') return printableLines(bytes)
  const text = bytes.toString('utf8')
  const readable = Buffer.from(text).equals(bytes) && !/[^\P{Cc}\n\r\t]/u.test(text)
  return readable ? printableLines(text) : `${bytes.toString('base64')} (base64)`
}
