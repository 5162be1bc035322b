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
