import { sleep } from '../../../src/kernel/lifecycle.ts'
import type { Api } from './kubernetes/api.ts'
import type { Deployment, HorizontalPodAutoscaler, List } from './kubernetes/objects.ts'

export interface Moment {
  /** Since the timeline began. */
  readonly seconds: number
  readonly replicas: number
  readonly ready: number
  /** What the HPA wants; null without one. */
  readonly desired: number | null
}

export interface Timeline {
  /** Only the changes. */
  readonly moments: readonly Moment[]
  readonly now: () => number
  stop(): Promise<void>
}

/** Records how many pods there are, once a second. */
export function recordTimeline(
  api: Api,
  { namespace, deployment }: { readonly namespace: string; readonly deployment: string },
): Timeline {
  const began = performance.now()
  const moments: Moment[] = []
  const ended = new AbortController()
  const now = () => Math.round((performance.now() - began) / 100) / 10

  async function look(): Promise<void> {
    const [{ spec, status }, hpas] = await Promise.all([
      api.json<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`),
      api.json<List<HorizontalPodAutoscaler>>(
        `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
      ),
    ])
    const desired = hpas.items[0]?.status.desiredReplicas ?? null
    const moment = { replicas: spec.replicas, ready: status.readyReplicas ?? 0, desired }
    const { seconds: _, ...last } = moments.at(-1) ?? { seconds: 0 }
    if (JSON.stringify(last) !== JSON.stringify(moment)) moments.push({ ...moment, seconds: now() })
  }

  async function record(): Promise<void> {
    while (!ended.signal.aborted) {
      await look().catch(() => {})
      await sleep(1000, ended.signal)
    }
  }

  const recording = record()
  return {
    moments,
    now,
    async stop() {
      ended.abort()
      await recording
    },
  }
}
