import type { LogLevel } from './log-events/chapter.ts'
import type { LogEvent } from './log-events/index.ts'

/**
 * The logger of every room, in the shape of pino, so that rooms need not import it. Each line has a
 * stable `event` field, for searches and alerts, and a readable text.
 */
export interface Log {
  trace(fields: LogFields<'trace'>, text: string): void
  debug(fields: LogFields<'debug'>, text: string): void
  info(fields: LogFields<'info'>, text: string): void
  warn(fields: LogFields<'warn'>, text: string): void
  error(fields: LogFields<'error'>, text: string): void
  fatal(fields: LogFields<'fatal'>, text: string): void
  child(bindings: Record<string, unknown>): Log
}

export interface LogFields<Level extends LogLevel = LogLevel> {
  /** An event of `eventChapters` with this level. */
  readonly event: LogEvent<Level>
  readonly [field: string]: unknown
}

/** The same for handlers, which choose their own events. */
export interface HandlerLog {
  trace(fields: HandlerLogFields, text: string): void
  debug(fields: HandlerLogFields, text: string): void
  info(fields: HandlerLogFields, text: string): void
  warn(fields: HandlerLogFields, text: string): void
  error(fields: HandlerLogFields, text: string): void
  fatal(fields: HandlerLogFields, text: string): void
  child(bindings: Record<string, unknown>): HandlerLog
}

export interface HandlerLogFields {
  /** `noun.verb`, for example `whale.seen`. */
  readonly event: string
  readonly [field: string]: unknown
}

/**
 * A log field with user data, written unchanged. Redaction goes by names, and would hide the key of
 * a record, or the token of a transfer.
 */
export class Verbatim {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }

  toJSON(): unknown {
    return this.value
  }
}

/** Writes nothing: for tests and one-shot commands. */
export const silentLog: Log = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silentLog,
}
