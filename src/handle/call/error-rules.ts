import { RECORD_STATUSES, TOO_MANY_REQUESTS, WORLD_STATUSES } from '../../kernel/http-status.ts'
import type { Fault } from '../../kernel/shapes/outcome.ts'
import { holdersOf } from '../../kernel/time/retry-after.ts'

/** Whose fault a handler's error is. What a handler throws is never `decode`. */
export type ErrorFault = Exclude<Fault, 'decode'>

export interface ErrorRule {
  /** Text for docs/handlers.md. */
  readonly error: string
  /** Also for docs/handlers.md; in words if it is not one of the faults. */
  readonly fault: ErrorFault | 'that of the cause' | 'that of the mildest'
  /** null: the rule does not fit. @param judge the whole table, for a nested error. */
  judge(error: object, judge: (inner: unknown) => ErrorFault): ErrorFault | null
}

/** Codes of transient errors; a trailing `*` matches any suffix. */
const NETWORK_CODES = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ESOCKETTIMEDOUT'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'EADDRNOTAVAIL'],
  ...['UND_ERR_*', 'ERR_HTTP2_*', 'EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOSPC'],
  'EDQUOT',
]
const DNS_CODES = [
  ...['ENOTFOUND', 'EAI_*', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'EBADRESP', 'ETIMEOUT'],
  'ECANCELLED',
]
/** TLS and certificate errors, as OpenSSL names them. */
const TLS_CODES = [
  ...['EPROTO', 'ERR_TLS_*', 'ERR_SSL_*', 'CERT_*', 'CRL_*', 'UNABLE_TO_*', 'SELF_SIGNED_*'],
  ...['DEPTH_ZERO_*', 'HOSTNAME_MISMATCH', 'INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED'],
]
/** SQLSTATE classes or states: data exceptions and constraint violations. */
const RECORD_STATES = ['22', '23']
/** SQLSTATE: connection, read-only server, authorization, resources, wrong state, shutdown. */
const WORLD_STATES = ['08', '25006', '28', '53', '55', '57']
const SINK_CODES = ['OCC_EMIT', 'OCC_EMIT_SINK']
/** What the configuration does not provide: of every message, so of none. */
const CONFIGURATION_CODES = ['OCC_HANDLER_TRANSACTION']
const PROGRAMMING_ERRORS = [
  ...['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'URIError', 'EvalError'],
]

/** The first rule that fits decides. */
export const errorRules: readonly ErrorRule[] = [
  {
    error: `a sink that fails: ${SINK_CODES.map(code).join(', ')}`,
    fault: 'limit',
    // A success that emitted nothing is no evidence against a record whose sink is down.
    judge: (error) => (SINK_CODES.includes(String(Reflect.get(error, 'code'))) ? 'limit' : null),
  },
  {
    error: `a transaction that is not there: ${CONFIGURATION_CODES.map(code).join(', ')}`,
    fault: 'limit',
    judge: (error) =>
      CONFIGURATION_CODES.includes(String(Reflect.get(error, 'code'))) ? 'limit' : null,
  },
  {
    error: `HTTP status ${TOO_MANY_REQUESTS}`,
    fault: 'limit',
    judge: (error) => (statusOf(error) === TOO_MANY_REQUESTS ? 'limit' : null),
  },
  {
    error: '`error.retriable` is `true` (of any error; every `OccError` says it)',
    fault: 'world',
    judge: (error) => (Reflect.get(error, 'retriable') === true ? 'world' : null),
  },
  {
    error: '`error.retriable` is `false`',
    fault: 'record',
    judge: (error) => (Reflect.get(error, 'retriable') === false ? 'record' : null),
  },
  {
    error: `HTTP status ${RECORD_STATUSES.join(', ')}`,
    fault: 'record',
    judge: (error) => (RECORD_STATUSES.includes(statusOf(error) ?? 0) ? 'record' : null),
  },
  {
    error: `HTTP status ${WORLD_STATUSES.join(', ')}, any other 4xx, any 5xx`,
    fault: 'world',
    judge: (error) => (statusOf(error) === null ? null : 'world'),
  },
  ofTheWorld('the network and the system', NETWORK_CODES),
  ofTheWorld('DNS', DNS_CODES),
  ofTheWorld('TLS', TLS_CODES),
  {
    error: `SQLSTATE ${RECORD_STATES.join(', ')} (classes)`,
    fault: 'record',
    judge: (error) => (hasState(error, RECORD_STATES) ? 'record' : null),
  },
  {
    error: `SQLSTATE ${WORLD_STATES.join(', ')}`,
    fault: 'world',
    judge: (error) => (hasState(error, WORLD_STATES) ? 'world' : null),
  },
  {
    error: '`TimeoutError`, `AbortError`; past `handlers[].timeout`',
    fault: 'world',
    judge: (error) => (/^(Timeout|Abort)Error$/.test(nameOf(error)) ? 'world' : null),
  },
  {
    error: '`AggregateError`',
    fault: 'that of the mildest',
    judge(error, judge) {
      if (!(error instanceof AggregateError)) return null
      return mildestOf(error.errors.map(judge))
    },
  },
  {
    error: 'any with a `cause`: `fetch` throws a TypeError for everything',
    fault: 'that of the cause',
    judge(error, judge) {
      const cause = Reflect.get(error, 'cause')
      return cause === undefined || cause === null ? null : judge(cause)
    },
  },
  {
    error: PROGRAMMING_ERRORS.map(code).join(', '),
    fault: 'record',
    // By name: an error of another realm, such as a `vm`, is not an instance of our classes.
    judge: (error) => (PROGRAMMING_ERRORS.some((name) => isA(error, name)) ? 'record' : null),
  },
  { error: 'any other', fault: 'world', judge: () => 'world' },
]

function ofTheWorld(what: string, codes: readonly string[]): ErrorRule {
  const starts = codes.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1))
  return {
    error: `a code of ${what}: ${codes.map(code).join(', ')}`,
    fault: 'world',
    judge(error) {
      const known = Reflect.get(error, 'code')
      if (typeof known !== 'string') return null
      const fits = codes.includes(known) || starts.some((start) => known.startsWith(start))
      return fits ? 'world' : null
    },
  }
}

/** The combined fault of several failures: waiting helps unless all are the record's own. */
export function mildestOf(faults: readonly ErrorFault[]): ErrorFault {
  if (faults.includes('limit')) return 'limit'
  return faults.length > 0 && faults.every((fault) => fault === 'record') ? 'record' : 'world'
}

/** The HTTP status, from 400 to 599; null: none. */
function statusOf(error: object): number | null {
  const metadata = Reflect.get(error, '$metadata')
  const places = [
    ...holdersOf(error).flatMap((one) => [
      Reflect.get(one, 'status'),
      Reflect.get(one, 'statusCode'),
    ]),
    typeof metadata === 'object' && metadata !== null
      ? Reflect.get(metadata, 'httpStatusCode')
      : null,
  ]
  return places.find((status) => Number.isInteger(status) && status >= 400 && status <= 599) ?? null
}

/** A SQLSTATE has five characters and begins with a digit; no other code does. */
function hasState(error: object, states: readonly string[]): boolean {
  const known = ['code', 'sqlState', 'sqlstate'].map((name) => Reflect.get(error, name))
  return known.some(
    (state) =>
      typeof state === 'string' &&
      /^[0-9][0-9A-Z]{4}$/.test(state) &&
      states.some((start) => state.startsWith(start)),
  )
}

function isA(error: object, name: string): boolean {
  for (let each: object | null = error; each !== null; each = Object.getPrototypeOf(each)) {
    if (each.constructor?.name === name) return true
  }
  return error instanceof Error && nameOf(error) === name
}

function nameOf(error: object): string {
  return String(Reflect.get(error, 'name'))
}

function code(text: string): string {
  return `\`${text}\``
}
