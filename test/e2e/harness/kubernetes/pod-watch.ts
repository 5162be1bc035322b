import { sleep } from '../../../../src/kernel/lifecycle.ts'
import type { Api } from './api.ts'
import { followLog, type LogLine } from './log-follower.ts'
import { isReady, type List, type Pod } from './objects.ts'

const INTERVAL = 500

export interface PodWatch {
  /** Of the release, as last seen; those on their way out included. */
  readonly pods: readonly Pod[]
  /** How often one that was ready was not at the next look, though nobody had told it to go. */
  readonly flaps: number
  /** Ends watching once every container's log was read to its end, or to where it is now. */
  stop(): Promise<void>
}

/**
 * Looks at the pods twice a second and follows the log of every container instance from its first
 * line: of new pods, of containers that were restarted, of pods that are being deleted. A pod lives
 * longer than the interval before it can have handled anything, so none is missed.
 */
export function watchPods(
  api: Api,
  { namespace, release }: { readonly namespace: string; readonly release: string },
  onLine: (line: LogLine) => void,
): PodWatch {
  const labels = [`app.kubernetes.io/instance=${release}`, 'app.kubernetes.io/component=consumer']
  const selector = encodeURIComponent(labels.join())
  const path = `/api/v1/namespaces/${namespace}/pods`
  const ended = new AbortController()
  const cut = new AbortController()
  const followed = new Map<string, Promise<void>>()
  let pods: readonly Pod[] = []
  let flaps = 0

  const isRunning = (id: string) =>
    pods.some(({ status }) =>
      (status.containerStatuses ?? []).some(
        ({ containerID, state }) => containerID === id && state?.running !== undefined,
      ),
    )

  async function look(): Promise<void> {
    const list = await api.json<List<Pod>>(`${path}?labelSelector=${selector}`)
    const ready = new Set(pods.filter(isReady).map(({ metadata }) => metadata.uid))
    pods = list.items
    flaps += pods.filter(
      (pod) =>
        ready.has(pod.metadata.uid) &&
        pod.metadata.deletionTimestamp === undefined &&
        !isReady(pod),
    ).length
    for (const { metadata, status } of pods) {
      for (const { name, containerID: id, state } of status.containerStatuses ?? []) {
        if (id === undefined || state?.waiting !== undefined || followed.has(id)) continue
        const log = `${path}/${metadata.name}/log?container=${name}&follow=true`
        const source = { pod: metadata.name, open: () => api.stream(log, cut.signal) }
        followed.set(
          id,
          followLog(source, onLine, () => !cut.signal.aborted && isRunning(id)),
        )
      }
    }
  }

  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      // The API server may be busy; what was missed is seen at the next look.
      await look().catch(() => {})
      await sleep(INTERVAL, ended.signal)
    }
  }

  const watching = watch()
  return {
    get pods() {
      return pods
    },
    get flaps() {
      return flaps
    },
    async stop() {
      ended.abort()
      await watching
      cut.abort()
      await Promise.all(followed.values())
    },
  }
}
