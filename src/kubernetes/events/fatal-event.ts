import { withDeadline } from '../../kernel/lifecycle.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { KubernetesApi } from '../client/api.ts'
import { connect } from '../client/client.ts'
import type { Environment } from '../client/cluster-access.ts'
import { findPodObjects } from '../owner.ts'
import { createEventRecorder } from './recorder.ts'

export interface FatalOptions {
  readonly podName: string
  readonly podNamespace: string
  readonly env: Environment
}

/** Milliseconds that a failing process waits for its last Event to be accepted. */
const DEADLINE = 2_000

/**
 * Records on the pod why the process ends. Best effort: once the library is loaded it resolves
 * within 2 s, whether or not the API server accepted it. Never rejects, because the user must see
 * the original error.
 */
export async function sayFatal(
  reason: 'ConfigurationWrong' | 'ServiceFailed',
  note: string,
  { podName, podNamespace, env }: FatalOptions,
): Promise<void> {
  async function say(api: KubernetesApi): Promise<void> {
    const { pod } = await findPodObjects(api, podName)
    const recorder = createEventRecorder(api, podName, systemClock)
    await recorder.record({ regarding: pod, type: 'Warning', reason, action: 'Exit', note })
  }
  try {
    const api = await connect({ env }, podNamespace, systemClock)
    await withDeadline(say(api), DEADLINE, 'The Event about the end').finally(api.close)
  } catch {
    // The error is in the log anyway.
  }
}
