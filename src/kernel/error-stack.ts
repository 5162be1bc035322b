import { errorChapters } from './error-codes/index.ts'
import { apart, OccError } from './errors.ts'
import { namesOwnFile } from './own-files.ts'
import { redactText } from './text/redact-text.ts'

/** Max characters of a stack: about 40 lines. */
export const MAX_STACK = 4_096

/** Errors about something that a handler threw, which is their cause. */
const OF_HANDLERS: ReadonlySet<string> = new Set([
  'OCC_HANDLER',
  'OCC_HANDLER_LOAD',
  'OCC_HANDLER_OPEN',
  'OCC_HANDLER_STRAY',
])
/** Faults of the service itself, which are found by its own lines. */
const FAULTS: ReadonlySet<string> = new Set(['OCC_PIPELINE', 'OCC_ATTEMPT'])
const OURS: ReadonlySet<string> = new Set(errorChapters.flatMap(({ codes }) => Object.keys(codes)))

const LINE = /^ {4}at /
/** A frame of the language itself, such as `at async Promise.all (index 0)`, has no place. */
const PLACED = /:\d+\)?$/

/** Of errors that were thrown in another thread. */
const brought = new WeakMap<OccError, string>()

/**
 * Where the handler threw what the error is about: lines `    at ...` of its own files and packages,
 * redacted, at most `MAX_STACK` characters. null: the error's message says all there is. Formatting
 * a stack takes long: call it only to store or show the result.
 */
export function stackOf(error: unknown): string | null {
  // Of several, the first.
  const [one] = apart(error)
  return one instanceof OccError ? stackOfOne(one) : null
}

function stackOfOne(error: OccError): string | null {
  const known = brought.get(error)
  if (known !== undefined) return known
  const { code, cause } = error
  try {
    if (FAULTS.has(code)) return textOf(linesOf(cause))
    // Of a code that is not ours, a handler threw the error itself.
    const thrown = OF_HANDLERS.has(code) ? cause : OURS.has(code) ? undefined : error
    const lines = linesOf(thrown).filter((line) => !namesOwnFile(line))
    // Below the handler's first frame, the language was called by the service.
    return textOf(lines.slice(0, lines.findLastIndex((line) => PLACED.test(line)) + 1))
  } catch {
    // A getter of the error threw.
    return null
  }
}

/** Sets what `stackOf` returns. @param stack as it returned in another thread. */
export function withStack(error: OccError, stack: string | null): OccError {
  if (stack !== null) brought.set(error, stack)
  return error
}

function linesOf(thrown: unknown): string[] {
  const isObject = typeof thrown === 'object' && thrown !== null
  const stack = isObject ? Reflect.get(thrown, 'stack') : undefined
  if (typeof stack !== 'string') return []
  return stack.split('\n').filter((line) => LINE.test(line) && !line.includes('node:internal/'))
}

function textOf(lines: readonly string[]): string | null {
  if (lines.length === 0) return null
  return redactText(lines.join('\n')).slice(0, MAX_STACK).toWellFormed()
}
