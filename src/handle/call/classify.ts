import { type ErrorFault, errorRules } from './error-rules.ts'
import { retryAfter } from './retry-after.ts'

export interface Classification {
  readonly fault: ErrorFault
  /** Milliseconds that the other side asked to be left alone for; null: it did not say. */
  readonly after: number | null
}

const DEEPEST_CAUSE = 5

/**
 * What an error that a handler threw says of whose fault it is, by the first of `errorRules` that
 * fits, and when to try again. Never throws, whatever was thrown.
 *
 * @param now milliseconds since the epoch.
 */
export function classify(error: unknown, now = Date.now()): Classification {
  try {
    const fault = judge(error, 0)
    return { fault, after: fault === 'record' ? null : findAfter(error, now, 0) }
  } catch {
    // A getter of it throws.
    return { fault: 'world', after: null }
  }
}

function judge(error: unknown, depth: number): ErrorFault {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return 'world'
  for (const rule of errorRules) {
    const fault = rule.judge(error, (inner) => judge(inner, depth + 1))
    if (fault !== null) return fault
  }
  return 'world'
}

function findAfter(error: unknown, now: number, depth: number): number | null {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return null
  return retryAfter(error, now) ?? findAfter(Reflect.get(error, 'cause'), now, depth + 1)
}
