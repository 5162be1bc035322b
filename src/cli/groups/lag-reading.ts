import { brokerOptions } from '../../app/room-options.ts'
import { createGroupLooks, type GroupFacts } from '../../broker/group-state/group-looks.ts'
import { createTopicLogs } from '../../broker/topics/topic-logs.ts'
import type { Config } from '../../config/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import type { GroupSample, PartitionReading } from '../../group/partition-lag.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName } from '../../kernel/record.ts'

export interface LagReading {
  readonly group: GroupFacts
  readonly sample: GroupSample
}

export interface LagReader {
  /** Rejects with OCC_GROUP_UNKNOWN, or why the brokers could not be asked. */
  read(): Promise<LagReading>
  close(): Promise<void>
}

export interface LagQuestion {
  readonly groupId: string
  /** Topics of the group that it may have committed nothing of. */
  readonly topics: readonly string[]
  /** Only this topic. */
  readonly topic: string | undefined
}

/** Milliseconds. Retention rarely changes. */
const RETENTION_AGE = 600_000

/** Reads the offsets of a group from outside: it joins nothing. */
export function createLagReader(
  config: Config,
  { groupId, topics, topic: only }: LagQuestion,
  log: Log,
): LagReader {
  const broker = brokerOptions(config)
  const looks = createGroupLooks(broker, log)
  const logs = createTopicLogs(broker, log, lz4Codec)
  let retention: Readonly<Record<string, number>> = {}
  let retentionAt = Number.NEGATIVE_INFINITY

  async function read(): Promise<LagReading> {
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
    for (const { topic, partition, low, end } of found) {
      const reading = {
        ...{ topic, partition, low, end, oldest: null },
        committed: committed.get(topic)?.get(partition) ?? null,
        retention: retention[topic] ?? null,
      }
      readings.set(partitionName(reading), reading)
    }
    // Of a topic that was deleted, only the committed offset is left.
    for (const [topic, partitions] of committed) {
      for (const [partition, offset] of partitions) {
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

  return {
    read,
    async close() {
      logs.close()
      await looks.close()
    },
  }
}

/** Where the first uncommitted record of each partition is. */
function waitingPlaces(readings: readonly PartitionReading[]) {
  return readings.flatMap(({ topic, partition, low, end, committed }) => {
    if (low === null || end === null || committed === null) return []
    const offset = Math.max(low, committed)
    return offset < end ? [{ topic, partition, offset }] : []
  })
}

const topicOf = (partition: string) => partition.slice(0, partition.lastIndexOf('/'))
