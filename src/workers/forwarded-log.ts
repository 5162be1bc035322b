import { type HandlerLog, type Log, type LogFields, Verbatim } from '../kernel/log.ts'
import type { ForwardedLine, LineLevel } from './protocol.ts'

const RANKS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 }
/** Marks a value that was a `Verbatim` on the other side. */
const VERBATIM = 'occ:verbatim'

/**
 * A log whose lines are written in another thread. Lines below the log level, which is read for each
 * of them, are not sent.
 */
export function createForwardedLog(
  level: () => keyof typeof RANKS,
  send: (line: ForwardedLine) => void,
  bindings: Record<string, unknown> = {},
): Log {
  const write = (of: LineLevel) => (fields: LogFields, text: string) => {
    if (RANKS[of] < RANKS[level()]) return
    send({ level: of, fields: { ...bindings, ...cross(fields), event: fields.event }, text })
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (more) => createForwardedLog(level, send, { ...bindings, ...cross(more) }),
  }
}

/** Writes a line that came from a worker. */
export function writeLine(log: HandlerLog, { level, fields, text }: ForwardedLine): void {
  const back = Object.entries(fields).map(([name, value]) => [name, revive(value)] as const)
  log[level]({ ...Object.fromEntries(back), event: fields.event }, text)
}

/** Fields that can be cloned: a line must not fail because of its values. */
function cross(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, send(value)]))
}

function send(value: unknown): unknown {
  if (value instanceof Verbatim) return { [VERBATIM]: send(value.value) }
  if (typeof value === 'function' || typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return value
  try {
    return structuredClone(value)
  } catch {
    return asText(value)
  }
}

function asText(value: object): string {
  try {
    return value instanceof Error ? String(value.stack ?? value) : String(value)
  } catch {
    return 'a value without a text form'
  }
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(VERBATIM in value)) return value
  return new Verbatim(value[VERBATIM])
}
