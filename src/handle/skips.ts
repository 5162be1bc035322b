import { type Outcome, skip } from '../kernel/shapes/outcome.ts'

/** Outcomes of messages that a handler is not called with. */
export const FILTERED = Object.freeze(skip('filtered'))
export const DUPLICATE = Object.freeze(skip('duplicate'))

/** Whether it is one of these, and not a handler's own, whatever its text. */
export function isOurs(outcome: Outcome): boolean {
  return outcome === FILTERED || outcome === DUPLICATE
}

/** Names that mean something else in the metrics. */
const TAKEN: ReadonlySet<string> = new Set([FILTERED.reason, DUPLICATE.reason, 'other'])

/** How a handler's own reason is counted. */
export function ownReason(reason: string): string {
  return TAKEN.has(reason) ? `handler: ${reason}` : reason
}
