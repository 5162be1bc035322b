import { systemClock } from '../../kernel/clock.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
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

/** Milliseconds that a process which cannot go on waits for its last words to be taken. */
const DEADLINE = 2_000

/**
 * Says on the pod why the process ends. Best effort: once the library is loaded it resolves after at
 * most 2 s, whether or not the API server took it; never rejects, because the error itself is what
 * the user must see.
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
    // It is in the log all the same.
  }
}
