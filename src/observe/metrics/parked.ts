import { groupLabel, type MetricDefinition, type Reading } from './definition.ts'

/** One value of each group; none while it is not known. */
function ofGroups(value: (parked: ParkedOf) => number | null) {
  return ({ status }: Reading) =>
    (status.parked ?? []).map((parked) => ({ labels: groupLabel(parked), value: value(parked) }))
}

type ParkedOf = NonNullable<Reading['status']['parked']>[number]

export const parkedMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_parked_records',
    type: 'gauge',
    unit: 'records',
    labels: ['group'],
    help: 'Parked records of the group. Above 100,000 an estimate of the database.',
    read: ofGroups(({ records }) => records),
  },
  {
    name: 'onchain_consumer_parked_due_records',
    type: 'gauge',
    unit: 'records',
    labels: ['group'],
    help: 'Of these, those that are due, or being handled now, at most 100,000; one behind another of its key is not due. If they stay, their handler is down or paused, or too slow.',
    read: ofGroups(({ due }) => due),
  },
  {
    name: 'onchain_consumer_parked_next_due_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: ['group'],
    help: 'When the first of them is due, or was.',
    read: ofGroups(({ nextDueAt }) => (nextDueAt === null ? null : nextDueAt / 1000)),
  },
  {
    name: 'onchain_consumer_parked_counted_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: ['group'],
    help: 'When they were counted: every 10 s, but not while the database is away.',
    read: ofGroups(({ countedAt }) => countedAt / 1000),
  },
]
