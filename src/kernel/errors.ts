import type { ErrorCode } from './error-codes/index.ts'

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

/**
 * One error for several of the same code, one message per line; a single one is returned unchanged.
 */
export function together(code: ErrorCode, errors: readonly OccError[]): OccError {
  const [first, ...others] = errors
  if (first !== undefined && others.length === 0) return first
  const message = errors.map(messageOf).join('\n')
  return new OccError(code, message, { cause: new Several(errors, message) })
}

/** What a handler threw may be an AggregateError, too. */
class Several extends AggregateError {}

/** The errors of `together`; of anything else, itself. */
export function apart(error: unknown): readonly unknown[] {
  const cause = error instanceof OccError ? error.cause : undefined
  return cause instanceof Several ? cause.errors : [error]
}

/** What cannot be told of: an object without a prototype, a getter that throws. */
export const UNREADABLE = 'what was thrown cannot be read'

/** The message of anything thrown, without a stack trace. Never throws, and never empty for an error. */
export function messageOf(error: unknown): string {
  try {
    return readMessage(error)
  } catch {
    return UNREADABLE
  }
}

function readMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const text = withoutOpenSsl(textOf(error.message))
  if (text !== '') return text
  // Node's error of a failed connection has messages only for each address.
  const parts: unknown[] = error instanceof AggregateError ? error.errors : []
  const messages = parts.flatMap((part) => (part instanceof Error ? part.message : []))
  return messages.join(', ') || codeOf(error)
}

/** Its id, code, function and file, around the reason: `4083:error:0A000412:SSL routines:f:reason:file.c:9:`. */
const OPEN_SSL =
  /(EPROTO )?\b[0-9A-F]{8,16}:error:[0-9A-F]{8}:[^:\n]+:[^:\n]*:([^:\n]+):[^:\n]*:\d+:(?:SSL alert number \d+)?\n?/g
/** Of Node, for who runs a script; a service has keys for its CAs. */
const NODE_ADVICE =
  '; if the root CA is installed locally, try running Node.js with --use-system-ca'

/** The reason alone of an error of TLS. */
function withoutOpenSsl(text: string): string {
  return text
    .replace(OPEN_SSL, (_all, what: string | undefined, reason: string) =>
      what === undefined ? reason : `EPROTO: ${reason}`,
    )
    .replace(NODE_ADVICE, '')
}

/** Some set an object as the message of their errors, such as the answer of a server. */
function textOf(message: unknown): string {
  if (typeof message === 'string') return message
  return typeof message === 'object' && message !== null
    ? JSON.stringify(message)
    : String(message ?? '')
}

/**
 * The stable code of anything thrown: `OCC_...`, one of Node (`ECONNREFUSED`), or the class name. Never
 * throws.
 */
export function codeOf(error: unknown): string {
  try {
    if (error instanceof Error) {
      if ('code' in error && typeof error.code === 'string') return error.code
      return String(error.name)
    }
  } catch {
    // A getter of the error threw.
  }
  return 'UNKNOWN'
}
