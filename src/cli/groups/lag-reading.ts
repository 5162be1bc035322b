import type { GroupFacts } from '../../broker/group-state/group-looks.ts'
import { isOfOtherTopic } from '../../broker/offsets/commit-metadata.ts'
import { committedOf, type GroupSample, type PartitionReading } from '../../group/partition-lag.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { GroupOfFlags } from './config.ts'

export interface LagReading {
  readonly group: GroupFacts
  readonly sample: GroupSample
}

/** Milliseconds. Retention rarely changes. */
const RETENTION_AGE = 600_000

/**
 * Reads the offsets of a group. What is returned rejects with OCC_GROUP_UNKNOWN, or why the brokers
 * could not be asked.
 * @param only Only this topic.
 */
export function createLagReader(
  { looks, logs, groupId, topics }: GroupOfFlags,
  only: string | undefined,
): () => Promise<LagReading> {
  let retention: Readonly<Record<string, number>> = {}
  let retentionAt = Number.NEGATIVE_INFINITY

  return async () => {
    const [group] = await looks.describe([groupId])
    // Before the end offsets; otherwise a committed offset could be beyond the end.
    const committed = await looks.committed(groupId)
    if (group === undefined || (group.state === null && committed.size === 0)) {
      throw await looks.unknown(groupId)
    }
    const assigned = group.members.flatMap(({ partitions }) => partitions.map(topicOf))
    const all = new Set([...committed.keys(), ...assigned, ...topics])
    const wanted = only === undefined ? [...all] : [only]
    const found = await logs.look(wanted, only === undefined)
    if (performance.now() - retentionAt > RETENTION_AGE) {
      retention = await looks.retention(new Set(found.map(({ topic }) => topic)))
      retentionAt = performance.now()
    }
    const readings = new Map<string, PartitionReading>()
    for (const { topic, partition, topicId, low, end } of found) {
      const own = committed.get(topic)?.get(partition) ?? null
      const reading = {
        ...{ topic, partition, low, end, oldest: null },
        committed: own?.offset ?? null,
        isAnew: isOfOtherTopic(own?.topicId ?? null, topicId),
        retention: retention[topic] ?? null,
      }
      readings.set(partitionName(reading), reading)
    }
    // Of a topic that was deleted, only the committed offset is left.
    for (const [topic, partitions] of committed) {
      for (const [partition, { offset }] of partitions) {
        const name = partitionName({ topic, partition })
        if (readings.has(name) || !wanted.includes(topic)) continue
        const nothing = { low: null, end: null, oldest: null, retention: null }
        readings.set(name, { topic, partition, committed: offset, ...nothing })
      }
    }
    const at = performance.now()
    const oldest = await logs.timesAt(waitingPlaces([...readings.values()]))
    for (const [name, time] of oldest) {
      const reading = readings.get(name)
      if (reading !== undefined) readings.set(name, { ...reading, oldest: time })
    }
    return { group, sample: { at, partitions: readings } }
  }
}

/** Where the first uncommitted record of each partition is. */
function waitingPlaces(readings: readonly PartitionReading[]) {
  return readings.flatMap((reading) => {
    const { topic, partition, low, end } = reading
    const committed = committedOf(reading)
    if (low === null || end === null || committed === null) return []
    const offset = Math.max(low, committed)
    return offset < end ? [{ topic, partition, offset }] : []
  })
}

const topicOf = (partition: string) => partition.slice(0, partition.lastIndexOf('/'))
