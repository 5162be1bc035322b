import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { isConflict } from '../client/api-errors.ts'
import type { EventRecorder } from '../events/recorder.ts'
import type { PausedReplicas, PauseState } from './paused-replicas.ts'

export interface ScalingHoldDependencies {
  readonly target: PausedReplicas
  readonly recorder: EventRecorder
  /** Why more pods would not help now; null when they might. */
  readonly hold: () => string | null
  readonly clock: Clock
  readonly log: Log
}

export interface ScalingHold {
  /**
   * One look, of the leader only. Asks the API server for nothing while all is as it was, but once
   * in each interval. Rejects with an OccError.
   */
  look(): Promise<void>
  /** Takes away what this pod holds, because it stops: a next leader holds anew. Rejects likewise. */
  release(): Promise<void>
}

/**
 * Pauses KEDA at the present number of pods while more of them would not help. What an earlier leader
 * left is found by the first look, so nothing stays paused for longer than there is a reason.
 *
 * @param interval Milliseconds in which the object is read again; so long a reason must be over.
 */
export function createScalingHold(
  interval: number,
  { target, recorder, hold, clock, log }: ScalingHoldDependencies,
): ScalingHold {
  /** What the object was last seen or made like, and when; null: not known. */
  let seen: { held: boolean; at: number } | null = null
  let holdUntil = Number.NEGATIVE_INFINITY

  /** False when the object changed since it was read: the next look sees how. */
  async function isChanged(state: PauseState, why: string | null): Promise<boolean> {
    const pods = why === null ? null : await target.pods(state)
    try {
      await target.set(pods, state)
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
    const note =
      why === null
        ? 'KEDA scales again: what held the records up is over'
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
      // A pause by hand stays as it is.
      const begins = why !== null && !state.isPaused
      const ends = !held && state.isOurs
      if ((begins || ends) && !(await isChanged(state, why))) return
      seen = { held, at: now }
    },
    async release() {
      if (seen?.held !== true) return
      const state = await target.read()
      if (state.isOurs) await isChanged(state, null)
    },
  }
}
