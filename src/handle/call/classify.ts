import { retryAfter } from '../../kernel/time/retry-after.ts'
import { type ErrorFault, errorRules } from './error-rules.ts'

export interface Classification {
  readonly fault: ErrorFault
  /** Milliseconds that the other side asked to wait; null: not stated. */
  readonly after: number | null
}

const MAX_CAUSE_DEPTH = 5

/**
 * Classifies an error that a handler threw by the first of `errorRules` that fits: whose fault it
 * is, and when to try again. Never throws, whatever was thrown.
 *
 * @param now milliseconds since the epoch.
 */
export function classify(error: unknown, now = Date.now()): Classification {
  try {
    const fault = judge(error, 0)
    return { fault, after: fault === 'record' ? null : findAfter(error, now, 0) }
  } catch {
    // A getter of the error threw.
    return { fault: 'world', after: null }
  }
}

function judge(error: unknown, depth: number): ErrorFault {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSE_DEPTH) return 'world'
  for (const rule of errorRules) {
    const fault = rule.judge(error, (inner) => judge(inner, depth + 1))
    if (fault !== null) return fault
  }
  return 'world'
}

function findAfter(error: unknown, now: number, depth: number): number | null {
  if (typeof error !== 'object' || error === null || depth > MAX_CAUSE_DEPTH) return null
  return retryAfter(error, now) ?? findAfter(Reflect.get(error, 'cause'), now, depth + 1)
}
