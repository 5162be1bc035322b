import type { ErrorCode } from './error-codes.ts'

interface ErrorOptions {
  readonly cause?: unknown
  readonly retriable?: boolean
}

/**
 * An error with a stable code. The message names the thing, the value and the remedy, because users
 * read it: in a log line, on the terminal, or in `kubectl describe`.
 */
export class OccError extends Error {
  /** An `ErrorCode`, or another code: see `CodedError`. */
  readonly code: `OCC_${string}`
  /** Whether the same call can succeed later without any change. */
  readonly retriable: boolean

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'OccError'
    this.code = code
    this.retriable = options.retriable ?? false
  }
}

/**
 * The same class for codes that are not an `ErrorCode`: those of handlers, also from a worker
 * thread, and those of the tools in dev/ and bench/.
 */
export const CodedError = OccError as unknown as new (
  code: `OCC_${string}`,
  message: string,
  options?: ErrorOptions,
) => OccError
export type CodedError = OccError

/** Returns an OccError unchanged, and wraps anything else that was thrown, as its cause. */
export function toOccError(
  error: unknown,
  code: ErrorCode,
  { message = messageOf(error), retriable = false }: { message?: string; retriable?: boolean } = {},
): OccError {
  if (error instanceof OccError) return error
  return new OccError(code, message, { cause: error, retriable })
}

/** The message of anything thrown, without a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/**
 * The stable code of anything thrown: `OCC_...`, one of Node (`ECONNREFUSED`), or the class name.
 */
export function codeOf(error: unknown): string {
  if (error instanceof Error) {
    if ('code' in error && typeof error.code === 'string') return error.code
    return error.name
  }
  return 'UNKNOWN'
}
