import type { Clock } from '../../kernel/time/clock.ts'
import type { Advice, CertificateStatus } from '../../observe/types.ts'
import type { KubernetesApi } from '../client/api.ts'
import { adviceConditions } from '../conditions/advice.ts'
import { certificateConditions } from '../conditions/certificates.ts'
import { type Condition, createConditions } from '../conditions/conditions.ts'
import { findPodObjects, type PodObjects } from '../owner.ts'
import { createReadinessWatch, type Readiness } from './readiness-watch.ts'
import type { EventRecorder } from './recorder.ts'

/** All synchronous and cheap; they never throw. */
export interface EventSources {
  readonly advice: () => readonly Advice[]
  readonly readiness: () => Readiness
  readonly certificates: () => readonly CertificateStatus[]
}

export interface EventWatchOptions {
  readonly podName: string
  /** Milliseconds before expiry from which a certificate is reported. */
  readonly certificateWarning: number
}

export interface EventWatchDependencies {
  readonly api: KubernetesApi
  readonly recorder: EventRecorder
  readonly isLeader: () => boolean
  readonly sources: EventSources
  readonly clock: Clock
}

/**
 * @returns One look at everything that an operator should see as an Event. Sends requests only when
 * there is news. Rejects with an OccError if the API server refuses an Event.
 */
export function createEventWatch(
  { podName, certificateWarning }: EventWatchOptions,
  { api, recorder, isLeader, sources, clock }: EventWatchDependencies,
): () => Promise<void> {
  const conditions = createConditions(recorder, clock)
  const look = createReadinessWatch(sources.readiness, clock)
  let objects: PodObjects | null = null

  return async () => {
    const { lasting, over } = look()
    objects ??= await findPodObjects(api, podName)
    const { pod } = objects
    const notReady: Condition[] =
      lasting === null
        ? []
        : [
            {
              key: 'not ready',
              regarding: pod,
              type: 'Warning',
              reason: 'NotReady',
              action: 'JoinGroup',
              note: lasting,
            },
          ]
    const certificates = sources.certificates()
    await conditions.report([
      ...notReady,
      ...adviceConditions(sources.advice(), isLeader(), objects),
      ...certificateConditions(certificates, certificateWarning, clock.now(), pod),
    ])
    if (over === null) return
    const note = `Ready again after ${Math.round(over / 1000)} s.`
    await recorder.record({
      regarding: pod,
      type: 'Normal',
      reason: 'ReadyAgain',
      action: 'JoinGroup',
      note,
    })
  }
}
