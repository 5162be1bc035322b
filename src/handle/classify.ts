/**
 * What an error that a handler threw says about another attempt.
 *
 * - `permanent`: the same message fails again; it becomes a dead letter at once.
 * - `retriable`: the world failed, not the message; it is tried again.
 * - `unknown`: nothing is known about it; it is tried again.
 */
export type Classification = 'permanent' | 'retriable' | 'unknown'

/** Errors of the network and of the operating system that pass. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'EADDRNOTAVAIL',
  'EAGAIN',
  'EBUSY',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOSPC',
  'EDQUOT',
])
/** Statuses below 500 that ask for another attempt: timeout, too early, too many requests. */
const RETRIABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429])
const DEEPEST_CAUSE = 5

/**
 * The first rule that fits decides:
 * 1. `error.retriable` is true or false, as on every OccError: that says it.
 * 2. A code of the network (ECONNREFUSED, UND_ERR_SOCKET, ...), here or in a cause: retriable.
 * 3. An HTTP status (`status`, `statusCode`, `response.status`): retriable for 5xx, 408, 425 and
 *    429, permanent for the other 4xx.
 * 4. A timeout or an abort: retriable.
 * 5. An error that has another one as its cause is what the cause is: `fetch` throws a TypeError
 *    for everything.
 * 6. A programming error (TypeError, RangeError, ReferenceError, SyntaxError): permanent.
 * 7. Anything else: unknown.
 */
export function classify(error: unknown, depth = 0): Classification {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return 'unknown'
  const retriable = Reflect.get(error, 'retriable')
  if (typeof retriable === 'boolean') return retriable ? 'retriable' : 'permanent'
  const code = Reflect.get(error, 'code')
  if (typeof code === 'string' && (NETWORK_CODES.has(code) || code.startsWith('UND_ERR_'))) {
    return 'retriable'
  }
  const status = statusOf(error)
  if (status !== undefined && (status >= 500 || RETRIABLE_STATUSES.has(status))) return 'retriable'
  if (status !== undefined && status >= 400) return 'permanent'
  const name = Reflect.get(error, 'name')
  if (name === 'TimeoutError' || name === 'AbortError') return 'retriable'
  if (error instanceof AggregateError) return mildest(error.errors, depth + 1)
  const cause = Reflect.get(error, 'cause')
  if (cause !== undefined && cause !== null) return classify(cause, depth + 1)
  return isProgrammingError(error, name) ? 'permanent' : 'unknown'
}

/** Of several failures at once: another attempt is worth it unless all are permanent. */
function mildest(errors: readonly unknown[], depth: number): Classification {
  const kinds = new Set(errors.map((error) => classify(error, depth)))
  if (kinds.has('retriable')) return 'retriable'
  return kinds.size === 1 && kinds.has('permanent') ? 'permanent' : 'unknown'
}

function statusOf(error: object): number | undefined {
  const places = [
    Reflect.get(error, 'status'),
    Reflect.get(error, 'statusCode'),
    field(Reflect.get(error, 'response'), 'status'),
    field(Reflect.get(error, '$metadata'), 'httpStatusCode'),
  ]
  return places.find((status) => Number.isInteger(status) && status >= 100 && status <= 599)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** By the name too: an error of another realm, as of a `vm`, is no instance of our classes. */
function isProgrammingError(error: object, name: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError ||
    (error instanceof Error && /^(Type|Range|Reference|Syntax)Error$/.test(String(name)))
  )
}
