import type { Advice, AdviceKind } from '../../observe/types.ts'
import type { PodObjects } from '../owner.ts'
import type { Condition } from './conditions.ts'

interface Saying extends Pick<Condition, 'type' | 'reason' | 'action'> {
  /** About the whole group: one pod reports it for all. */
  readonly isGroupWide: boolean
}

const SAYINGS: Readonly<Record<AdviceKind, Saying>> = {
  'add-partitions': {
    type: 'Warning',
    reason: 'AddPartitions',
    action: 'AddPartitions',
    isGroupWide: true,
  },
  'remove-replicas': {
    type: 'Normal',
    reason: 'RemoveReplicas',
    action: 'RemoveReplicas',
    isGroupWide: true,
  },
  'raise-concurrency': {
    type: 'Normal',
    reason: 'RaiseConcurrency',
    action: 'RaiseConcurrency',
    isGroupWide: false,
  },
  'relax-order': {
    type: 'Normal',
    reason: 'RelaxOrder',
    action: 'RelaxOrder',
    isGroupWide: false,
  },
}

/**
 * The leader reports advice about the group on the workload; each pod reports its own on the pod.
 */
export function adviceConditions(
  advice: readonly Advice[],
  isLeader: boolean,
  { pod, owner }: PodObjects,
): Condition[] {
  return advice.flatMap(({ kind, text, group }) => {
    const { isGroupWide, ...saying } = SAYINGS[kind]
    if (isGroupWide && !isLeader) return []
    const key = group === undefined ? kind : `${kind} ${group}`
    return [{ key, regarding: isGroupWide ? owner : pod, ...saying, note: text }]
  })
}
