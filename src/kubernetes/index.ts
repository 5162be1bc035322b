import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { GroupProgress, PartitionStatus } from '../observe/types.ts'
import type { KubernetesApi } from './client/api.ts'
import { connect } from './client/client.ts'
import type { ClusterAccess } from './client/cluster-access.ts'
import { createComplaints } from './complaints.ts'
import { createDeletionCost } from './deletion-cost.ts'
import { createElection } from './election.ts'
import { createEventRecorder } from './events/recorder.ts'
import { createEventWatch, type EventSources } from './events/watch.ts'
import { createLeaseStore } from './lease.ts'
import { type Loop, startLoop } from './loop.ts'
import { createPartitionSync } from './scaling/partition-sync.ts'
import { createPausedReplicas } from './scaling/paused-replicas.ts'
import { createScaleTarget, type TargetKind } from './scaling/scale-target.ts'
import { createScalingHold } from './scaling/scaling-hold.ts'

/** Disabled features are null. Times are in milliseconds. */
export interface KubernetesOptions {
  readonly podName: string
  readonly podNamespace: string
  readonly leaseName: string
  readonly leaseDuration: number
  readonly partitionSync: {
    readonly kind: TargetKind
    readonly name: string
    readonly interval: number
    readonly membersPerPod: number
  } | null
  /** `name`: the ScaledObject. */
  readonly scalingHold: { readonly name: string; readonly interval: number } | null
  readonly events: { readonly certificateWarning: number } | null
  readonly deletionCost: { readonly interval: number } | null
}

/** All synchronous and cheap; they never throw. */
export interface KubernetesSources extends EventSources {
  readonly progress: () => GroupProgress | null
  readonly partitions: () => readonly PartitionStatus[]
  /** Why more pods would not help now; null: they might. */
  readonly hold: () => string | null
}

export interface KubernetesDependencies extends ClusterAccess {
  readonly sources: KubernetesSources
  readonly clock: Clock
  readonly log: Log
  readonly countError: (code: string) => void
}

export interface Kubernetes {
  /**
   * Ends work in progress and releases the Lease. Bounded by the few seconds that a request may
   * take; never rejects.
   */
  stop(): Promise<void>
}

/** Milliseconds between looks for new Events and for reasons to hold the number of pods. */
const LOOK_INTERVAL = 5_000

/**
 * Starts the Kubernetes features. None of them can fail the service: an error of the API server
 * becomes one log line with its remedy, and a count.
 */
export function startKubernetes(
  options: KubernetesOptions,
  dependencies: KubernetesDependencies,
): Kubernetes {
  const { log, countError } = dependencies
  const opened = open(options, dependencies).catch((error) => {
    countError(codeOf(error))
    log.error({ event: 'kubernetes.failed', code: codeOf(error) }, messageOf(error))
    return async () => {}
  })
  let stopping: Promise<void> | null = null
  return {
    stop() {
      stopping ??= opened.then((stop) => stop())
      return stopping
    },
  }
}

/** @returns A function that stops the features. */
async function open(
  options: KubernetesOptions,
  dependencies: KubernetesDependencies,
): Promise<() => Promise<void>> {
  const api = await connect(dependencies, options.podNamespace, dependencies.clock)
  const parts = startParts(options, dependencies, api)
  return async () => {
    await parts.stop()
    api.close()
  }
}

function startParts(
  options: KubernetesOptions,
  { sources, clock, log, countError }: KubernetesDependencies,
  api: KubernetesApi,
): Kubernetes {
  const { podName, partitionSync, scalingHold, events, deletionCost } = options
  const loops: Loop[] = []
  const recorder = createEventRecorder(api, podName, clock)
  const store = createLeaseStore(api, options.leaseName)
  const election = createElection(
    { identity: podName, duration: options.leaseDuration },
    { store, clock, log, countError },
  )

  function every(interval: number, what: string, work: () => Promise<void>): void {
    const complaints = createComplaints(what, log, countError)
    loops.push(
      startLoop(async () => {
        await complaints.attempt(work)
        return interval
      }),
    )
  }

  if (partitionSync !== null || scalingHold !== null || events !== null)
    loops.push(startLoop(election.turn))
  if (partitionSync !== null) {
    const { kind, name, interval, membersPerPod } = partitionSync
    const target = createScaleTarget(api, kind, name)
    const { progress } = sources
    const sync = createPartitionSync(membersPerPod, { target, recorder, progress, log })
    every(interval, 'Partition sync', async () => {
      if (election.isLeader()) await sync()
    })
  }
  let release = async () => {}
  if (scalingHold !== null) {
    const { name, interval } = scalingHold
    const target = createPausedReplicas(api, name)
    const { hold } = sources
    const held = createScalingHold(interval, { target, recorder, hold, clock, log })
    release = held.release
    every(Math.min(LOOK_INTERVAL, interval), 'Scaling hold', async () => {
      if (election.isLeader()) await held.look()
    })
  }
  if (events !== null) {
    const { isLeader } = election
    const watch = createEventWatch(
      { podName, ...events },
      { api, recorder, isLeader, sources, clock },
    )
    every(LOOK_INTERVAL, 'Events', watch)
  }
  if (deletionCost !== null) {
    const write = createDeletionCost(api, podName, sources.partitions)
    every(deletionCost.interval, 'Pod deletion cost', write)
  }

  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()))
      if (election.isLeader()) {
        await createComplaints('Scaling hold', log, countError).attempt(release)
      }
      await election.release()
    },
  }
}
