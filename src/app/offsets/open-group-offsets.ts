import { hostname } from 'node:os'
import { createGroupOffsets } from '../../broker/group-state/group-offsets.ts'
import {
  decodeMetadata,
  encodeOperator,
  isOfOtherTopic,
} from '../../broker/offsets/commit-metadata.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import type { Config } from '../../config/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import type { OffsetStore, StoredOffset } from '../../group/offsets/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { byPartitionName, partitionName } from '../../kernel/shapes/record.ts'
import { NOT_MOVED } from '../../kernel/shapes/replay.ts'
import {
  createOffsetTable,
  type OffsetRow,
  type OffsetTable,
} from '../../sink/postgres/offsets/table.ts'
import { openOffsetsPool } from './open-offsets-pool.ts'

/** The offsets of a group, for somebody who is no member of it: in Kafka, or in the table that decides. */
export function openGroupOffsets(
  config: Config,
  brokers: BrokerOptions,
  group: string,
  log: Log,
): OffsetStore {
  const readUncommitted = config.kafka.isolationLevel === 'read_uncommitted'
  const kafka = createGroupOffsets(brokers, { groupId: group, readUncommitted }, log, lz4Codec)
  if (config.offsets.store !== 'postgres') return kafka
  const { table } = config.offsets.postgres
  const pool = openOffsetsPool(config, log, { maxConnections: 1 })
  const owner = `offsets/${hostname()}/${process.pid}`
  return withTable(kafka, createOffsetTable({ group, table, owner }, pool))
}

/**
 * The table decides where partitions begin; Kafka, which says what the log has and who the members
 * are, is told after it. A group that has nothing in the table yet takes over what Kafka has.
 */
export function withTable(kafka: OffsetStore, table: OffsetTable): OffsetStore {
  /** As read last: what is set later must still be so. */
  let seen: ReadonlyMap<string, OffsetRow> = new Map()

  async function readRows(): Promise<readonly OffsetRow[]> {
    const rows = await table.read()
    seen = byPartitionName(rows)
    return rows
  }

  /** Topics that only the table has; one of them may be deleted since. */
  async function readOthers(topics: ReadonlySet<string>) {
    const read: StoredOffset[] = []
    // One after the other: a reader knows the topics of its last request only.
    for (const topic of topics) {
      try {
        read.push(...(await kafka.read([topic])).partitions)
      } catch (error) {
        if (codeOf(error) !== 'OCC_TOPIC_UNKNOWN') throw error
      }
    }
    return read
  }

  return {
    async read(topics) {
      const rows = await readRows()
      const state = await kafka.read(topics)
      if (rows.length === 0) return state
      const known = new Set(state.partitions.map(({ topic }) => topic))
      const others = new Set(
        topics === null ? rows.map(({ topic }) => topic).filter((topic) => !known.has(topic)) : [],
      )
      const partitions = [...state.partitions, ...(await readOthers(others))].map((each) => {
        const row = seen.get(partitionName(each))
        if (row === undefined || row.offset === null) return each
        if (isOfOtherTopic(row.topicId, each.topicId ?? null)) {
          return { ...each, ...NOT_MOVED, committed: null }
        }
        const { move, replay, skippedFrom } = decodeMetadata(row.operator, row.offset)
        return { ...each, committed: row.offset, move, replay, skippedFrom }
      })
      return { ...state, partitions, table: table.name }
    },
    offsetsAt: (partitions, time) => kafka.offsetsAt(partitions, time),
    timesAt: (places) => kafka.timesAt(places),
    async store(offsets) {
      if (seen.size === 0) return kafka.store(offsets)
      await table.set(
        offsets.map(({ topic, partition, offset, ...operator }) => ({
          ...{ topic, partition, offset, operator: encodeOperator(operator, offset) },
          seen: seen.get(partitionName({ topic, partition })),
        })),
      )
      try {
        await kafka.store(offsets)
      } catch (error) {
        // A member that has come since begins where the table says, and tells Kafka so.
        if (codeOf(error) !== 'OCC_GROUP_ACTIVE') throw error
      }
    },
    async close() {
      await kafka.close()
      await table.close()
    },
  }
}
