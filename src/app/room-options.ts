import { hostname } from 'node:os'
import type { AssignorName, BrokerOptions, MemberOptions } from '../broker/types.ts'
import type { Config } from '../config/types.ts'
import type { FlowOptions } from '../flow/types.ts'
import type { GroupProgressOptions } from '../group/progress.ts'
import type { ScalingOptions } from '../group/scaling.ts'
import type { KubernetesOptions } from '../kubernetes/index.ts'

/** Failed readings of the group in a row after which the last good one is no longer shown. */
const STALE_READINGS = 5

/** This process, as the owner of rows: for people who read the table. */
export function ownerName({ kubernetes }: Config): string {
  return `${kubernetes.podName ?? hostname()}/${process.pid}`
}

/** Options of broker/, which does not know the shape of the configuration. */
export function brokerOptions({ kafka }: Config): BrokerOptions {
  return {
    brokers: kafka.brokers,
    clientId: kafka.clientId,
    security: { protocol: kafka.securityProtocol, sasl: kafka.sasl, tls: kafka.tls },
    connectionTimeout: kafka.connectionTimeout,
    requestTimeout: kafka.requestTimeout,
  }
}

/**
 * @param index Number of the member of this group in this process, from 0. @param own The only
 * handler of the group; null: it is the group of the service.
 */
export function memberOptions(
  { kafka, lag, deadLetters }: Config,
  index: number,
  own: string | null = null,
): MemberOptions {
  const { groupInstanceId } = kafka
  const { maxBatchBytes, ...fetch } = kafka.fetch
  return {
    name: own === null ? `consumer-${index}` : `${own}/consumer-${index}`,
    groupId: kafka.groupId,
    groupInstanceId:
      groupInstanceId === undefined ? null : instanceOf(groupInstanceId, kafka.consumers, index),
    // The schema allows no other values.
    assignors: kafka.assignmentStrategy as AssignorName[],
    checkCrcs: kafka.checkCrcs,
    maxBatchBytes,
    corruptBatches: deadLetters.corruptBatches,
    topics: kafka.topics,
    autoOffsetReset: kafka.autoOffsetReset,
    readUncommitted: kafka.isolationLevel === 'read_uncommitted',
    sessionTimeout: kafka.sessionTimeout,
    heartbeatInterval: kafka.heartbeatInterval,
    rebalanceTimeout: kafka.rebalanceTimeout,
    metadataMaxAge: kafka.metadataMaxAge,
    restartWindow: kafka.restartWindow,
    lagInterval: lag.interval,
    rackId: kafka.rackId,
    fetch,
  }
}

/** Members of one process need different instance ids. */
function instanceOf(groupInstanceId: string, consumers: number, index: number): string {
  return consumers === 1 ? groupInstanceId : `${groupInstanceId}-${index}`
}

/** Options of flow/. */
export function flowOptions({ flow, commit, processing, retry, circuit }: Config): FlowOptions {
  return {
    ...flow.queue,
    maxBytes: flow.maxBytes,
    ...processing,
    rebalanceDrain: flow.rebalanceDrain,
    commitMode: commit.mode,
    retry,
    circuit,
  }
}

export function groupProgressOptions({ kafka, scaling }: Config): GroupProgressOptions {
  return {
    autoOffsetReset: kafka.autoOffsetReset,
    readUncommitted: kafka.isolationLevel === 'read_uncommitted',
    interval: scaling.interval,
    window: scaling.window,
  }
}

export function scalingOptions({ kafka, scaling }: Config): ScalingOptions {
  return {
    lagPerPod: scaling.lagPerPod,
    membersPerPod: kafka.consumers,
    maxAge: STALE_READINGS * scaling.interval,
    adviceAfter: scaling.adviceAfter,
  }
}

/** null when every feature of the section is off. */
export function kubernetesOptions({ kubernetes, kafka }: Config): KubernetesOptions | null {
  const { podName, podNamespace, leaseName, leaseDuration } = kubernetes
  const { partitionSync, scalingHold, events, deletionCost } = kubernetes
  const isOn =
    partitionSync.enabled || scalingHold.enabled || events.enabled || deletionCost.enabled
  // Validation guarantees that an enabled feature has what it needs.
  if (!isOn || podName === undefined || podNamespace === undefined) return null
  const { kind, name, interval } = partitionSync
  const canSync = partitionSync.enabled && name !== undefined
  return {
    podName,
    podNamespace,
    leaseName,
    leaseDuration,
    partitionSync: canSync ? { kind, name, interval, membersPerPod: kafka.consumers } : null,
    scalingHold: canSync && scalingHold.enabled ? { name, interval } : null,
    events: events.enabled ? { certificateWarning: events.certificateWarning } : null,
    deletionCost: deletionCost.enabled ? { interval: deletionCost.interval } : null,
  }
}
