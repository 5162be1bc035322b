import { type Logger, pino, stdTimeFunctions } from 'pino'
import type { Log, LogFields } from '../../kernel/log.ts'
import type { LogLevel } from '../../kernel/log-events/chapter.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { redactFields } from './redact.ts'
import { formatLine } from './text-format.ts'

/** Where the lines go, such as process.stdout. */
export interface LogDestination {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface LoggerOptions {
  readonly level: LogLevel | 'silent'
  /** `json`: one object a line, for collectors; `text`: for reading in a terminal. */
  readonly format: 'json' | 'text'
  /** Default: standard output. */
  readonly destination?: LogDestination
  /** Counts the lines written, by level: `meters.process.loggedLines`. */
  readonly loggedLines?: Record<LogLevel, number>
}

/** The root log; its level can be changed at any time, and applies to its children. */
export interface RootLog extends Log {
  level: LogLevel | 'silent'
}

const RANKS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: 100 }

/** Shared by the root and all children; in pino each would keep its own level. */
interface Control {
  level: LogLevel | 'silent'
  readonly loggedLines: Record<LogLevel, number> | undefined
}

/**
 * The service's logger. Every line has `time` (ISO), `level` (a word), `service`, `event` and
 * `msg`; a room adds `room` by `log.child({ room: 'flow' })`. Secrets are hidden and errors
 * shortened by `redactFields`.
 */
export function createLogger({
  level,
  format,
  destination = process.stdout,
  loggedLines,
}: LoggerOptions): RootLog {
  const colours =
    format === 'text' && destination.isTTY === true && process.env['NO_COLOR'] === undefined
  const logger = pino(
    {
      // `Control` decides; in pino, children would keep their first level.
      level: 'trace',
      base: { service: 'onchain-consumer' },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(line: string) {
        destination.write(format === 'text' ? formatLine(line, colours) : line)
      },
    },
  )
  const control: Control = { level, loggedLines }
  return Object.defineProperty(wrap(logger, control, {}), 'level', {
    enumerable: true,
    get: () => control.level,
    set: (wanted: LogLevel | 'silent') => {
      control.level = wanted
    },
  }) as RootLog
}

/** Written by the logger itself: a field of the same name would repeat the key in the JSON. */
const RESERVED = new Set(['time', 'level', 'service', 'msg'])

/** Merges bindings here, because pino.child would write a repeated name twice. */
function wrap(logger: Logger, control: Control, bindings: Record<string, unknown>): Log {
  const at = (level: LogLevel) => (fields: LogFields, text: string) => {
    if (RANKS[level] < RANKS[control.level]) return
    if (control.loggedLines !== undefined) control.loggedLines[level] += 1
    logger[level]({ ...bindings, ...prepared(fields) }, redactText(text))
  }
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (more) => wrap(logger, control, { ...bindings, ...prepared(more) }),
  }
}

function prepared(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(redactFields(fields)).map(([name, value]) => [
      RESERVED.has(name) ? `${name}_` : name,
      value,
    ]),
  )
}
