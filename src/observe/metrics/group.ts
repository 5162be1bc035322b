import type { AdviceKind, ScalingReport } from '../types.ts'
import type { MetricDefinition, ScalarDefinition } from './definition.ts'

const ADVICE: readonly AdviceKind[] = [
  'add-partitions',
  'remove-replicas',
  'raise-concurrency',
  'relax-order',
]

type Known = Extract<ScalingReport, { known: true }>

/** Left out before the first answer of the brokers, and when the last answer is too old. */
function known(value: (report: Known) => number | null): ScalarDefinition['read'] {
  return ({ groups }) =>
    groups.map(({ id, isOwn, report }) => ({
      labels: isOwn ? { group: id } : {},
      value: report.known ? value(report) : null,
    }))
}

/** Each group as the brokers know it. */
export const groupMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_group_lag_records',
    type: 'gauge',
    unit: 'records',
    labels: ['group'],
    help: 'Records of all partitions that the group has not committed.',
    read: known(({ lag }) => lag),
  },
  {
    name: 'onchain_consumer_group_partitions',
    type: 'gauge',
    unit: 'partitions',
    labels: ['group'],
    help: 'Partitions of all topics: the max number of members that can have work.',
    read: known(({ partitions }) => partitions),
  },
  {
    name: 'onchain_consumer_group_members',
    type: 'gauge',
    unit: 'members',
    labels: ['group'],
    help: 'Members of the group in all pods; left out while it rebalances.',
    read: known(({ members }) => members),
  },
  {
    name: 'onchain_consumer_group_consumed_records_per_second',
    type: 'gauge',
    unit: 'records/s',
    labels: ['group'],
    help: 'Rate of the records that the group committed, averaged over scaling.window.',
    read: known(({ consumeRate }) => consumeRate),
  },
  {
    name: 'onchain_consumer_group_produced_records_per_second',
    type: 'gauge',
    unit: 'records/s',
    labels: ['group'],
    help: 'Rate of the records that were produced to the topics, averaged over scaling.window.',
    read: known(({ produceRate }) => produceRate),
  },
  {
    name: 'onchain_consumer_group_drain_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: ['group'],
    help: 'Time until the lag is gone at the current rates; 0 without lag, left out when more is produced than consumed.',
    read: known(({ secondsToDrain }) => secondsToDrain),
  },
  {
    name: 'onchain_consumer_group_wanted_replicas',
    type: 'gauge',
    unit: 'replicas',
    labels: ['group'],
    help: 'Replicas that the lag requires by scaling.lagPerPod, between 1 and the number of partitions; left out when scaling.lagPerPod is 0.',
    read: known(({ wantedReplicas }) => wantedReplicas),
  },
  {
    name: 'onchain_consumer_scaling_advice',
    type: 'gauge',
    unit: '0 or 1',
    labels: ['advice'],
    help: `1 while there is advice on the size of the group: ${ADVICE.join(', ')}. /lag has the reasons.`,
    read: ({ scaling }) =>
      ADVICE.map((advice) => ({
        labels: { advice },
        value: Number(scaling?.advice.some(({ kind }) => kind === advice) ?? false),
      })),
  },
]
