import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { MemberListener, MemberOptions, PartitionProblem } from '../types.ts'
import type { FetchState } from './fetch-state.ts'

/** A problem that lasts less than this is not reported: leaders move. Milliseconds. */
export const PASSING = 1_000
const FIRST_BACKOFF = 100
const MAX_BACKOFF = 10_000

export interface WaitingParts {
  readonly options: MemberOptions
  readonly metadata: Pick<Metadata, 'refreshSoon' | 'settled'>
  readonly listener: Pick<MemberListener, 'problem'>
  readonly clock: Clock
  readonly log: Log
  /** The time of its next fetch has changed. */
  wake(state: FetchState): void
}

/** Decides how long a partition with a problem is not fetched, and reports the problem. */
export class Waiting {
  readonly #parts: WaitingParts

  constructor(parts: WaitingParts) {
    this.#parts = parts
  }

  waitForLeader(state: FetchState, isUnknown: boolean): void {
    const { topic, partition } = state
    this.#parts.metadata.refreshSoon()
    if (isUnknown) {
      this.wait(state, 'unknown-topic', `${topic}/${partition} does not exist.`, PASSING)
    } else this.wait(state, 'no-leader', `${topic}/${partition} has no leader.`, PASSING)
  }

  /** Stops fetching it for a while. Reports why at once, or with `reportAfter` only if it lasts. */
  wait(
    state: FetchState,
    reason: PartitionProblem['reason'],
    message: string,
    reportAfter = 0,
  ): void {
    const { clock } = this.#parts
    const backoff = Math.min(FIRST_BACKOFF * 2 ** state.failures, MAX_BACKOFF)
    // A new leader can solve it, so it is retried often: the backoff would lengthen the move.
    const isPassing = reportAfter > 0
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
    // Logged once per problem, even if its reason changes. A damaged batch has a log line of its
    // own.
    if (problem === null) {
      log.info({ event: 'partition.recovered', ...fields }, `${state.name} is fetched again`)
    } else if (!state.isProblemReported && problem.reason !== 'corrupt') {
      const { reason, message } = problem
      log.warn(
        { event: 'partition.waiting', ...fields, reason },
        `Cannot fetch ${state.name}; other partitions continue: ${message}`,
      )
    }
    state.isProblemReported = problem !== null
    listener.problem(state, problem)
  }

  /** It has no problem any more. */
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
