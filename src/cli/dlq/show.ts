import { limited } from '../../app/letters/wanted.ts'
import { createDecoder } from '../../decode/decoder.ts'
import type { Message } from '../../decode/types.ts'
import { headerValues } from '../../kernel/shapes/record.ts'
import { printable, printableLines } from '../../kernel/text/printable.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { usageError } from '../arguments.ts'
import { awaitSchemas } from '../records/await-schemas.ts'
import type { Io } from '../terminal/io.ts'
import { formatBytes, paint, table, timeText } from '../terminal/terminal.ts'
import { parseDlq, showFlags } from './flags.ts'
import { reportMissing, withStore } from './store.ts'
import { bytesText, letterFacts } from './text.ts'

/** Prints the named letters in full; exit code 1 if a name is unknown. */
export async function show(args: readonly string[], io: Io): Promise<number> {
  const { names, flags } = parseDlq(args, showFlags)
  if (names.length === 0) throw usageError('no letter to show; give an ID that dlq list prints')
  return withStore(flags, { names }, io, async ({ store, config }) => {
    const decoder = createDecoder(config.decode)
    const found = new Set<string>()
    for await (const letter of limited(store, { names }, Number.POSITIVE_INFINITY)) {
      found.add(letter.id).add(coordinates(letter))
      // Without its schema it is shown as it is.
      await awaitSchemas([letter.record], decoder).catch(() => {})
      const decoded = decoder.decode(letter.record)
      if (flags.json !== undefined) {
        const value = letter.record.value?.toString('base64') ?? null
        io.stdout.write(`${JSON.stringify({ ...letterFacts(letter), value })}\n`)
      } else {
        const message = decoded.ok ? decoded.message : null
        io.stdout.write(`${describe(letter, message, io)}\n`)
      }
    }
    return reportMissing({ names }, found, io) ? 1 : 0
  })
}

function describe(letter: StoredLetter, message: Message | null, io: Io): string {
  const bold = paint(io.stdout, io.env)
  const { record } = letter
  const facts = [
    ['record', coordinates(letter)],
    ['timestamp', timeText(record.timestamp)],
    ['failed at', timeText(letter.failedAt)],
    ['error', printable(letter.errorType)],
    ['message', printableLines(redactText(letter.errorMessage))],
    ['handler', printable(letter.handler ?? '-')],
    ['group', printable(letter.group ?? '-')],
    ['attempts', String(letter.attempts)],
    ['redrives', String(letter.redrives)],
    ...(letter.sendingSince === null ? [] : [['sent?', timeText(letter.sendingSince)]]),
    ...(letter.keptIn === undefined ? [] : [['kept in', letter.keptIn]]),
    ['key', bytesText(record.key)],
  ]
  const headers = Object.entries(record.headers ?? {}).flatMap(([name, value]) =>
    headerValues(value).map((each) => [`header ${printable(name)}`, bytesText(each)]),
  )
  const size = record.value === null ? 'none' : formatBytes(record.value.length)
  const document = message === null ? null : documentText(message)
  const how = document === null ? 'as received' : `decoded from ${message?.encoding}`
  return [
    bold('bold', `Dead letter ${letter.id}`),
    table([...facts, ...headers]),
    ...(letter.errorStack === null ? [] : [bold('bold', 'Stack'), redactText(letter.errorStack)]),
    bold('bold', `Value (${size}, ${how})`),
    document ?? bytesText(record.value),
    '',
  ].join('\n')
}

/** null if the document cannot be read: then that may be why there is a letter. */
function documentText(message: Message): string | null {
  try {
    const { document } = message
    if (typeof document === 'string' || Buffer.isBuffer(document)) return bytesText(document)
    return printableLines(JSON.stringify(document, null, 2))
  } catch {
    return null
  }
}
