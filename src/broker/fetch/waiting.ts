import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { MemberListener, MemberOptions, PartitionProblem } from '../types.ts'
import type { FetchState } from './fetch-state.ts'

/** A leader that moves is none of a person's business for this long. Milliseconds. */
export const PASSING = 1_000
const FIRST_BACKOFF = 100
const MAX_BACKOFF = 10_000

export interface WaitingParts {
  readonly options: MemberOptions
  readonly metadata: Pick<Metadata, 'refreshSoon' | 'settled'>
  readonly listener: Pick<MemberListener, 'problem'>
  readonly clock: Clock
  readonly log: Log
  /** It may be fetched now, or later than it could. */
  wake(state: FetchState): void
}

/** Partitions of which nothing is fetched for a while: for how long, and who is told why. */
export class Waiting {
  readonly #parts: WaitingParts

  constructor(parts: WaitingParts) {
    this.#parts = parts
  }

  waitForLeader(state: FetchState, isUnknown: boolean): void {
    const { topic, partition } = state
    this.#parts.metadata.refreshSoon()
    if (isUnknown) {
      this.wait(state, 'unknown-topic', `${topic}/${partition} does not exist now.`, PASSING)
    } else this.wait(state, 'no-leader', `${topic}/${partition} has no leader now.`, PASSING)
  }

  /** Nothing is fetched of it for a while, and why is told: at once, or where it lasts. */
  wait(
    state: FetchState,
    reason: PartitionProblem['reason'],
    message: string,
    tellAfter = 0,
  ): void {
    const { clock } = this.#parts
    const backoff = Math.min(FIRST_BACKOFF * 2 ** state.failures, MAX_BACKOFF)
    // What a new leader mends is tried often: the pause of a partition that moves is its price.
    const isPassing = tellAfter > 0
    state.notBefore = clock.monotonic() + Math.min(backoff, isPassing ? PASSING / 2 : backoff)
    state.failures = Math.min(state.failures + 1, 16)
    const since = state.problem?.since ?? clock.now()
    if (state.problem === null) state.problemAt = clock.monotonic()
    state.problem = { reason, message, since, damage: null }
    if (!isPassing) this.report(state)
    this.#parts.wake(state)
  }

  report(state: FetchState): void {
    const { listener, log, options } = this.#parts
    const { topic, partition, problem } = state
    const fields = { member: options.name, topic, partition }
    // Once for each time, however the problem is called meanwhile; a damaged batch says more itself.
    if (problem === null) {
      log.info({ event: 'partition.recovered', ...fields }, `${state.name} is fetched again`)
    } else if (!state.isProblemReported && problem.reason !== 'corrupt') {
      const { reason, message } = problem
      log.warn(
        { event: 'partition.waiting', ...fields, reason },
        `Nothing is fetched of ${state.name}, the others go on: ${message}`,
      )
    }
    state.isProblemReported = problem !== null
    listener.problem(state, problem)
  }

  /** Nothing is wrong with it any more. */
  recovered(state: FetchState): void {
    state.failures = 0
    state.notBefore = 0
    this.#parts.metadata.settled()
    if (state.problem !== null) {
      state.problem = null
      if (state.isProblemReported) this.report(state)
    }
    if (!state.isBusy) this.#parts.wake(state)
  }
}
