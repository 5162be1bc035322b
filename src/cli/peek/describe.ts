import type { ChainEvent } from '../../decode/types.ts'
import { formatUnits } from '../../kernel/amounts.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { formatBytes, paint, table, timeText } from '../terminal/terminal.ts'
import type { Inspection } from './inspect.ts'

/** Events of one record that are printed. */
const MAX_EVENTS = 5
const MAX_TEXT = 200

/** A few lines about a record. No final newline. */
export function describeRecord(inspection: Inspection, io: Io): string {
  const { record, events, problem, streams, unreadable, encoding, format } = inspection
  const style = paint(io.stdout, io.env)
  const names = Object.keys(record.headers ?? {})
  const facts = [
    ['value', sizes(inspection)],
    [
      'decoded',
      problem === null ? `${encoding}, ${format}` : style('red', printable(problem, MAX_TEXT)),
    ],
    ['stream', streams.length === 0 ? 'none known' : streams.join(', ')],
    [
      'events',
      `${events.length}${unreadable === 0 ? '' : style('red', `, ${unreadable} unreadable`)}`,
    ],
    [
      'key',
      record.key === null ? 'none' : printable(JSON.stringify(record.key.toString()), MAX_TEXT),
    ],
    ['headers', names.length === 0 ? 'none' : printable(names.join(', '), MAX_TEXT)],
  ]
  const more = events.length - MAX_EVENTS
  return [
    `${style('bold', recordName(record))}  ${timeText(record.timestamp)}`,
    table(facts.map(([name = '', text = '']) => [`  ${style('dim', name)}`, text])),
    ...events.slice(0, MAX_EVENTS).map((event) => `  ${describeEvent(event, io)}`),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
    ...(events.length === 0 && problem === null ? [`  ${beginning(inspection)}`] : []),
  ].join('\n')
}

function sizes({ record: { value }, message, encoding }: Inspection): string {
  if (value === null) return 'none (a tombstone)'
  const packed = formatBytes(value.length)
  return encoding === 'plain' || message === null
    ? `${packed}, ${encoding}`
    : `${packed}, ${encoding}; ${formatBytes(message.bytes)} unpacked`
}

function describeEvent(
  { kind, chain, from, to, asset, amount, success, id }: ChainEvent,
  io: Io,
): string {
  const style = paint(io.stdout, io.env)
  const parts = [
    `${kind} on ${chain}`,
    `${from ?? '?'} → ${to ?? '?'}`,
    amountText(amount, asset),
    success ? style('green', 'succeeded') : style('yellow', 'failed'),
    `id ${id}`,
  ]
  return printable(parts.filter((part) => part !== '').join('  '))
}

function amountText(amount: bigint | null, asset: ChainEvent['asset']): string {
  if (amount === null) return ''
  const name = printable(asset?.symbol || asset?.address || '?', 60)
  return asset?.decimals == null
    ? `${amount} smallest units of ${name}`
    : `${formatUnits(amount, asset.decimals)} ${name}`
}

/** The beginning of a value in which no event was found. */
function beginning({ unpacked, record: { value } }: Inspection): string {
  if (value === null) return ''
  return printable(
    unpacked === null ? `${value.toString('hex', 0, 60)} (hex)` : unpacked.text.slice(0, MAX_TEXT),
    MAX_TEXT,
  )
}
