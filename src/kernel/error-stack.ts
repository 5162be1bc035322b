import { errorChapters } from './error-codes.ts'
import type { OccError } from './errors.ts'
import { namesOwnFile } from './own-files.ts'
import { redactText } from './redact-text.ts'

/** Max characters of a stack: about 40 lines. */
export const MAX_STACK = 4_096

/** Errors about something that foreign code threw, which is their cause. */
const WRAPPING: ReadonlySet<string> = new Set([
  'OCC_HANDLER',
  'OCC_HANDLER_OPEN',
  'OCC_HANDLER_STRAY',
  'OCC_PIPELINE',
  'OCC_ATTEMPT',
])
const OURS: ReadonlySet<string> = new Set(errorChapters.flatMap(({ codes }) => Object.keys(codes)))

/** Of errors that were thrown in another thread. */
const brought = new WeakMap<OccError, string>()

/**
 * Where the handler threw what the error is about: lines `    at ...` of its own files and packages,
 * redacted, at most `MAX_STACK` characters. null: the error's message says all there is. Formatting
 * a stack takes long: call it only to store or show the result.
 */
export function stackOf(error: OccError): string | null {
  const known = brought.get(error)
  if (known !== undefined) return known
  try {
    // A code of a handler's own: the handler threw it.
    return linesOf(OURS.has(error.code) ? wrapped(error) : error)
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

function wrapped({ code, cause }: OccError): object | null {
  return WRAPPING.has(code) && typeof cause === 'object' ? cause : null
}

function linesOf(thrown: object | null): string | null {
  const stack = thrown === null ? undefined : Reflect.get(thrown, 'stack')
  if (typeof stack !== 'string') return null
  const all = stack
    .split('\n')
    .filter((line) => /^ {4}at /.test(line) && !/\(?node:internal\//.test(line))
  const foreign = all.filter((line) => !namesOwnFile(line))
  // Of a fault of the service itself, all.
  const lines = foreign.length > 0 ? foreign : all
  if (lines.length === 0) return null
  return redactText(lines.join('\n')).slice(0, MAX_STACK).toWellFormed()
}
