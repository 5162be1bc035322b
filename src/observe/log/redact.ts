import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { Verbatim } from '../../kernel/log.ts'
import { REDACTED, redactText } from '../../kernel/text/redact-text.ts'

/** Deeper values are cut off, so that a log line never holds a whole object graph. */
const MAXIMUM_DEPTH = 8

/** Names, without case and separators, whose value is always hidden. */
const SECRET_NAMES = new Set([
  'sasl',
  'key',
  'sslkey',
  'tlskey',
  'clientkey',
  'privatekey',
  'apikey',
  'accesskey',
  'pem',
  'pfx',
  'token',
  'cookie',
  'setcookie',
  'connectionstring',
])
const SECRET_PARTS =
  /passw|passphrase|secret|credential|authorization|authtoken|accesstoken|refreshtoken|bearertoken|apitoken/
/** The place of a secret is not secret, and helps to find a mistake. */
const PLACES = /(?:file|path|dir|directory)$/

/**
 * A copy of the fields of a log line that is safe to write. Values named like a secret are hidden
 * at any depth, whatever the case of the name; errors become `{code, message, causes}`, bigints
 * decimal strings, and buffers their size.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, [])
}

function redactObject(value: object, above: readonly object[]): Record<string, unknown> {
  const path = [...above, value]
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name) && !(inner instanceof Verbatim) ? hidden(inner) : redactValue(inner, path),
    ]),
  )
}

function redactValue(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Verbatim) return value
  if (value instanceof Error) return describeError(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (above.includes(value)) return '[circular]'
  if (above.length >= MAXIMUM_DEPTH) return '[too deep]'
  if (value instanceof Map) return redactObject(Object.fromEntries(value), [...above, value])
  if (value instanceof Set) return redactValue([...value], [...above, value])
  if (Array.isArray(value)) return value.map((inner) => redactValue(inner, [...above, value]))
  return redactObject(value, above)
}

/** An empty value stays visible: it helps to find a mistake, and reveals nothing. */
function hidden(value: unknown): unknown {
  return value === null || value === undefined || value === '' ? value : REDACTED
}

function isSecret(name: string): boolean {
  const plain = name.replace(/[^a-z0-9]/gi, '').toLowerCase()
  if (SECRET_NAMES.has(plain)) return true
  return SECRET_PARTS.test(plain) && !PLACES.test(plain)
}

/**
 * An OccError has no stack: its message suffices. For other errors the stack helps to find the bug.
 */
function describeError(error: Error): Record<string, unknown> {
  try {
    return readError(error)
  } catch {
    // Handlers throw what they like: a message that is no text, a getter that throws.
    return { code: codeOf(error), message: redactText(messageOf(error)) }
  }
}

function readError(error: Error): Record<string, unknown> {
  const causes = causesOf(error)
  return {
    code: codeOf(error),
    message: redactText(error.message),
    ...(causes.length > 0 && { causes }),
    ...(!(error instanceof OccError) && { stack: redactText(error.stack ?? '') }),
  }
}

/** Messages of the chain of causes, and of the errors in an AggregateError. */
function causesOf(error: Error): string[] {
  const messages: string[] = []
  const waiting: unknown[] = directCauses(error)
  while (waiting.length > 0 && messages.length < MAXIMUM_DEPTH) {
    const cause = waiting.shift()
    // Those in an AggregateError follow by themselves.
    const isBare = cause instanceof Error && cause.message === ''
    messages.push(redactText(isBare ? codeOf(cause) : messageOf(cause)))
    if (cause instanceof Error) waiting.push(...directCauses(cause))
  }
  return messages
}

function directCauses(error: Error): unknown[] {
  const parts: unknown[] = error instanceof AggregateError ? error.errors : []
  return error.cause === undefined ? [...parts] : [error.cause, ...parts]
}
