import type { LogLevel } from '../../kernel/log-events/chapter.ts'
import { printable } from '../../kernel/text/printable.ts'

const COLOURS: Record<LogLevel, number> = {
  trace: 90,
  debug: 36,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
}
const DIM = 2

/**
 * Formats a JSON log line as a compact line for a terminal:
 * `10:22:33.123 warn  flow partition.paused The queue is full partition=solana.transfers/3`.
 * Control characters are escaped, so that data from a topic cannot control the terminal.
 */
export function formatLine(json: string, colours: boolean): string {
  const { time, level, service, room, event, msg, error, stack, ...fields } = parse(json)
  const paint = (code: number, text: string) =>
    colours && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text
  const word = String(level)
  const parts = [
    paint(DIM, String(time).slice(11, 23)),
    paint(COLOURS[word as LogLevel] ?? 0, word.padEnd(5)),
    paint(DIM, plain(room)),
    plain(event),
    printable(plain(msg)),
    ...Object.entries(fields).map(([name, value]) => `${paint(DIM, `${name}=`)}${inline(value)}`),
  ]
  return `${parts.filter((part) => part !== '').join(' ')}${errorText(error)}${stackText(stack)}\n`
}

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json) as Record<string, unknown>
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function inline(value: unknown): string {
  const simple = typeof value === 'string' && /^[^\s"=]+$/.test(value)
  return printable(simple ? value : JSON.stringify(value))
}

function errorText(error: unknown): string {
  if (error === undefined) return ''
  if (typeof error !== 'object' || error === null) return ` error=${inline(error)}`
  const { code, message, causes, stack } = error as Record<string, unknown>
  const lines = [
    `${plain(code)}: ${plain(message)}`,
    ...(Array.isArray(causes) ? causes.map((cause) => `because ${plain(cause)}`) : []),
  ]
  return `${indented(lines)}${stackText(stack)}`
}

function stackText(stack: unknown): string {
  return indented(
    plain(stack)
      .split('\n')
      .filter((line) => line.startsWith('    at ')),
  )
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${printable(line.trimStart())}`).join('')
}
