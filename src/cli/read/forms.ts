import { headerValues, type KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Decoded } from '../records/decoding.ts'
import { jsonTextToLine, recordToLine } from '../records/record-line.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { formatBytes, paint, timeText } from '../terminal/terminal.ts'
import type { Form, ReadSettings } from './settings.ts'

/** Characters of a key, of a header, and of a value where the screen's width is not known. */
const MAX_TEXT = 60
const MAX_VALUE = 200

/** A record as it is printed, with its line break. null: it cannot be printed so. */
export type Print = (record: KafkaRecord, decoded: Decoded) => string | Uint8Array | null

export function createPrint(
  { form, events }: Pick<ReadSettings, 'form' | 'events'>,
  io: Io,
): Print {
  const forms: Record<Form, Print> = {
    text: createText(io),
    json: (record, decoded) => `${jsonOf(record, decoded, events)}\n`,
    // A terminal would obey control characters.
    value: (_, { text }) =>
      text === null ? null : `${io.stdout.isTTY === true ? printable(text) : text}\n`,
    raw: ({ value }) => value ?? '',
  }
  return forms[form]
}

function jsonOf(record: KafkaRecord, decoded: Decoded, withEvents: boolean): string {
  const { problem, unpacked, format } = decoded
  // What cannot be decoded is written as it is, byte for byte.
  if (problem !== null) return recordToLine(record, null, { problem })
  const events = withEvents ? { events: decoded.message?.events ?? [] } : null
  if (format === 'JSON' && unpacked !== null) {
    const extra = events === null ? undefined : { format, ...events }
    return jsonTextToLine(record, unpacked.encoding, decoded.text ?? '', extra)
  }
  const document = decoded.message?.document ?? null
  // Text is in the line already.
  const isShown = document === null || typeof document === 'string' || Buffer.isBuffer(document)
  const shown = isShown ? events : { document, ...events }
  return recordToLine(record, unpacked, shown === null ? undefined : { format, ...shown })
}

function createText(io: Io): Print {
  const style = paint(io.stdout, io.env)
  const { isTTY, columns } = io.stdout
  const width = isTTY === true && columns !== undefined ? columns - 3 : MAX_VALUE
  return (record, { unpacked, problem, format, text }) => {
    const { topic, partition, offset, timestamp, key, headers, value } = record
    const size =
      value === null
        ? 'no value (a tombstone)'
        : [formatBytes(value.length), unpacked?.encoding, problem === null ? format : undefined]
            .filter((part) => part !== undefined && part !== 'plain')
            .join(', ')
    const names = Object.entries(headers ?? {}).flatMap(([name, header]) =>
      headerValues(header).map((one) => printable(`${name}=${one ?? ''}`, MAX_TEXT)),
    )
    const head = [
      style('bold', `${topic}:${partition}@${offset}`),
      timeText(timestamp),
      ...(key === null ? [] : [`key ${printable(key.toString(), MAX_TEXT)}`]),
      ...names,
      style('dim', size),
    ].join('  ')
    const shown =
      problem === null
        ? printable(text ?? value?.toString('hex', 0, 60) ?? '', width)
        : style('red', printable(problem, width))
    return shown === '' ? `${head}\n` : `${head}\n  ${shown}\n`
  }
}
