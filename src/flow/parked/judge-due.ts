import type { OccError } from '../../kernel/errors.ts'
import { redrivesOf } from '../../kernel/shapes/dead-letter.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { Outcome, RetryOutcome } from '../../kernel/shapes/outcome.ts'
import { MAX_PARKED } from '../../kernel/shapes/parked.ts'
import type { ClaimedRecord, ParkedAgain } from '../../sink/postgres/parked/types.ts'
import type { FailedRecord } from '../types.ts'
import type { DueOptions } from './types.ts'

/** What becomes of a parked record after an attempt. */
export type Verdict =
  | { readonly kind: 'ok' | 'skip' }
  | { readonly kind: 'again'; readonly how: ParkedAgain; readonly writes: readonly HeldWrite[] }
  | {
      readonly kind: 'dead'
      readonly letter: Omit<FailedRecord, 'failedAt'>
      readonly writes: readonly HeldWrite[]
    }

/**
 * @param isDown the handlers that failed are known to be down: the failure says nothing about the
 * record, and is not counted.
 */
export function judgeDue(
  claimed: ClaimedRecord,
  outcome: Outcome,
  options: Pick<DueOptions, 'attempts' | 'backoff' | 'maxBackoff'>,
  isDown: boolean,
): Verdict {
  const { attempts } = claimed
  switch (outcome.kind) {
    case 'ok':
    case 'skip':
      return { kind: outcome.kind }
    case 'later': {
      const { after, reason, handler, writes = [] } = outcome
      return { kind: 'again', how: { after, reason, code: null, handler, attempts }, writes }
    }
    case 'dead':
      return deadBy(claimed, outcome.error, outcome.handler, outcome.writes)
    case 'retry': {
      const { error, writes = [] } = outcome
      // Of an attempt that blames nobody, such as one that cannot be decoded, those it was for.
      const handler =
        outcome.deadFor ?? outcome.failed?.join() ?? outcome.handler ?? claimed.due.handler
      const isCounted = !isDown && outcome.fault !== 'limit'
      const failed = attempts + Number(isCounted)
      if (isCounted && failed >= options.attempts) return deadBy(claimed, error, handler, writes)
      const after = pauseAfter(Math.max(1, failed), outcome, options)
      const how = { after, reason: error.message, code: error.code, handler, attempts: failed }
      return { kind: 'again', how, writes }
    }
  }
}

/** What the other side asked for, but not less than the backoff: it doubles with each failure. */
function pauseAfter(
  failed: number,
  { after }: RetryOutcome,
  { backoff, maxBackoff }: Pick<DueOptions, 'backoff' | 'maxBackoff'>,
): number {
  const own = Math.min(maxBackoff, backoff * 2 ** (failed - 1))
  return Math.min(MAX_PARKED, Math.max(own, after ?? 0))
}

function deadBy(
  { record, attempts }: ClaimedRecord,
  error: OccError,
  handler: string | null,
  writes: readonly HeldWrite[] = [],
): Verdict {
  const redrives = redrivesOf(record)
  const letter = { record, error, handler, attempts: attempts + 1, redrives }
  return { kind: 'dead', letter, writes }
}
