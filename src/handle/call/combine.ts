import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import {
  type DeadOutcome,
  dead,
  type LaterOutcome,
  OK,
  type Outcome,
  type RetryOutcome,
  skip,
} from '../../kernel/shapes/outcome.ts'
import { ownReason } from '../skips.ts'
import { mildestOf } from './error-rules.ts'
import { isAgain } from './held.ts'
import type { HandlerInvoker } from './invoker.ts'

/** The outcome of one handler for one record. */
export interface Result {
  readonly invoker: HandlerInvoker
  readonly outcome: Outcome
  /** True if the handler was called in this attempt, not in an earlier one or not at all. */
  readonly called: boolean
}

/** Counts the outcome of a call; `dead` is counted when the letter is kept. */
export function counted(invoker: HandlerInvoker, outcome: Outcome): Result {
  const { meter } = invoker.handler
  if (outcome.kind !== 'dead') meter.outcomes[outcome.kind] += 1
  if (outcome.kind === 'skip') meter.skips.count(ownReason(outcome.reason))
  return { invoker, outcome, called: true }
}

/**
 * Combines the outcomes of all handlers for one record, which is finished when all are. Any retry
 * makes it a retry; otherwise any later one parks it (also for handlers that gave up: they get it
 * once more); otherwise any dead one makes it a dead letter (for the handlers that gave up);
 * otherwise ok, or else skip.
 */
export function combine(results: readonly Result[]): Outcome {
  const [only] = results
  // The fast path for nearly every record.
  if (results.length === 1 && only?.called === true && only.outcome.kind === 'ok') {
    const { writes } = only.outcome
    return writes === undefined ? only.invoker.handled : { ...only.invoker.handled, writes }
  }
  return withWrites(together(results), writesOf(results))
}

/** Of handlers that are done with the record. */
export function writesOf(results: readonly Result[]): readonly HeldWrite[] {
  return results.flatMap(({ outcome }) => (isAgain(outcome) ? [] : (outcome.writes ?? [])))
}

function withWrites(outcome: Outcome, writes: readonly HeldWrite[]): Outcome {
  return writes.length === 0 ? outcome : { ...outcome, writes }
}

function together(results: readonly Result[]): Outcome {
  const handlers: string[] = []
  const gaveUp: string[] = []
  const retries: RetryOutcome[] = []
  const parked: LaterOutcome[] = []
  let failed: DeadOutcome | undefined
  let isOk = results.length === 0
  let reason: string | undefined
  for (const { invoker, outcome, called } of results) {
    const { name } = invoker.handler
    if (outcome.kind === 'retry') {
      gaveUp.push(name)
      retries.push(outcome)
    } else if (outcome.kind === 'later') {
      gaveUp.push(name)
      parked.push(outcome)
    } else if (outcome.kind === 'dead') {
      gaveUp.push(name)
      failed ??= outcome
    } else if (outcome.kind === 'ok') {
      isOk = true
      if (called) handlers.push(name)
    } else {
      reason ??= outcome.reason
    }
  }
  const evidence = handlers.length === 0 ? undefined : { handlers }
  const [first, ...others] = retries
  if (first !== undefined) {
    const deadFor = gaveUp.length > 1 ? { deadFor: gaveUp.join() } : undefined
    const together = others.length > 0 ? togetherOf(retries) : undefined
    return { ...first, ...together, ...deadFor, ...evidence }
  }
  const [asked] = parked
  if (asked !== undefined) {
    const after = Math.max(...parked.map((each) => each.after))
    return { ...asked, after, handler: gaveUp.join(), ...evidence }
  }
  if (failed !== undefined) return { ...dead(failed.error, gaveUp.join()), ...evidence }
  if (!isOk) return skip(reason ?? 'skipped')
  return evidence === undefined ? OK : { kind: 'ok', ...evidence }
}

/** What becomes of a record that is also for handlers that are not here: a letter for them. */
export function withAbsent(outcome: Outcome, absent: DeadOutcome | null): Outcome {
  if (absent === null) return outcome
  switch (outcome.kind) {
    case 'retry': {
      const names = [outcome.deadFor ?? outcome.handler, absent.handler]
      return { ...outcome, deadFor: names.filter((name) => name !== null).join() }
    }
    case 'later':
    case 'dead': {
      const names = [outcome.handler, absent.handler]
      return { ...outcome, handler: names.filter((name) => name !== null).join() }
    }
    case 'ok':
      return withWrites(
        { ...absent, ...(outcome.handlers && { handlers: outcome.handlers }) },
        outcome.writes ?? [],
      )
    case 'skip':
      return withWrites(absent, outcome.writes ?? [])
  }
}

/** Several handlers failed: the longest of their pauses, and all their names. */
function togetherOf(retries: readonly RetryOutcome[]) {
  return {
    after: retries.reduce((after: number | null, retry) => longer(after, retry.after), null),
    fault: mildestOf(retries.map(({ fault }) => (fault === 'decode' ? 'world' : fault) ?? 'world')),
    failed: retries.flatMap(({ handler }) => handler ?? []),
  }
}

function longer(first: number | null, second: number | null): number | null {
  return first === null || second === null ? (first ?? second) : Math.max(first, second)
}
