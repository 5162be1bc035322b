import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { unlessConflict } from '../client/api-errors.ts'
import type { EventRecorder } from '../events/recorder.ts'
import type { PausedReplicas, PauseState } from './paused-replicas.ts'

/** How often a change by others in between is tried again. */
const RELEASE_ATTEMPTS = 5

export interface ScalingHoldDependencies {
  readonly target: PausedReplicas
  readonly recorder: EventRecorder
  /** Why more pods would not help now; null: they might. */
  readonly hold: () => string | null
  readonly clock: Clock
  readonly log: Log
}

export interface ScalingHold {
  /**
   * One look, by the leader only. Without changes it sends one request per interval. Rejects with
   * an OccError.
   */
  look(): Promise<void>
  /**
   * Removes this pod's hold because it stops; the next leader may set a new one. Rejects likewise.
   */
  release(): Promise<void>
}

/**
 * Pauses KEDA at the current number of pods while more pods would not help. The first look finds
 * the hold of an earlier leader, so nothing stays paused longer than its reason.
 *
 * @param interval Milliseconds between readings of the object; also how long a reason must be gone.
 */
export function createScalingHold(
  interval: number,
  { target, recorder, hold, clock, log }: ScalingHoldDependencies,
): ScalingHold {
  /** State of the object as last read or written, and when; null: unknown. */
  let seen: { held: boolean; at: number } | null = null
  let holdUntil = Number.NEGATIVE_INFINITY
  /** Also where a change was refused, so that what became of it is not known. */
  let mayHold = false

  /** false: the object has changed since it was read; the next look retries. */
  async function isChanged(state: PauseState, why: string | null): Promise<boolean> {
    const pods = why === null ? null : await target.pods(state)
    if (!(await unlessConflict(target.set(pods, state)))) return false
    const note =
      why === null
        ? 'KEDA scales again: nothing holds the records up any more'
        : `KEDA is paused at ${pods} pods, because more would not help: ${why}`
    const reason = why === null ? 'ScalingReleased' : 'ScalingHeld'
    log.info({ event: why === null ? 'scaling.released' : 'scaling.held', pods }, note)
    const { reference: regarding } = state
    await recorder.record({ regarding, type: 'Normal', reason, action: 'PatchPause', note })
    return true
  }

  return {
    async look() {
      const now = clock.monotonic()
      const why = hold()
      if (why !== null) holdUntil = now + interval
      const held = now < holdUntil
      if (seen !== null && seen.held === held && now - seen.at < interval) return
      seen = null
      const state = await target.read()
      // A manual pause is left alone.
      const begins = why !== null && !state.isPaused
      const ends = !held && state.isOurs
      mayHold = begins || state.isOurs
      if ((begins || ends) && !(await isChanged(state, why))) return
      seen = { held, at: now }
    },
    async release() {
      if (!mayHold) return
      // KEDA writes the object as well, most of all right after it was paused.
      for (let attempt = 1; attempt <= RELEASE_ATTEMPTS; attempt++) {
        const state = await target.read()
        if (!state.isOurs || (await isChanged(state, null))) return
      }
    },
  }
}
