/**
 * The logger every room is handed: pino's shape, so that rooms need not import it. Each line has
 * a stable `event` field that people can search and alert on, beside the text for reading.
 */
export interface Log {
  trace(fields: LogFields, text: string): void
  debug(fields: LogFields, text: string): void
  info(fields: LogFields, text: string): void
  warn(fields: LogFields, text: string): void
  error(fields: LogFields, text: string): void
  fatal(fields: LogFields, text: string): void
  child(bindings: Record<string, unknown>): Log
}

export interface LogFields {
  /** `noun.verb`, for example `partitions.assigned`. */
  readonly event: string
  readonly [field: string]: unknown
}

/**
 * A log field that is the users' data, not ours: written as it is. Redaction goes by names, and
 * would hide a record's key, or the token of a transfer.
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

/** Says nothing: for tests and one-shot commands. */
export const silentLog: Log = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silentLog,
}
