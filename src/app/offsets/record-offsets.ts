import { decodeMetadata } from '../../broker/offsets/commit-metadata.ts'
import type { OffsetToCommit } from '../../broker/types.ts'
import type { CommitTarget } from '../../commit/committer.ts'
import type { Config } from '../../config/types.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Meters } from '../../observe/types.ts'
import { createRecordTable, type RecordedOffset } from '../../sink/postgres/offsets/recording.ts'
import { createMigrateOnce } from '../../sink/postgres/tables/migrate-once.ts'
import { ownerName } from '../room-options.ts'
import { openOffsetsPool, recordMigration, recordsOffsets } from './open-offsets-pool.ts'

export interface OffsetRecorderParts {
  readonly meters: Pick<Meters, 'process' | 'database'>
  readonly clock: Clock
  readonly log: Log
}

/** Writes what the brokers have of a group to a table, now and then. Nothing ever waits for it. */
export interface OffsetRecorder {
  /** The same target, whose commits are noted once the brokers have them. */
  watch(target: CommitTarget): CommitTarget
  /** Writes what is left, within a few seconds. */
  close(): Promise<void>
}

/** Milliseconds for the last offsets: the shutdown does not wait for a database that is away. */
const LAST_WRITE = 3_000

/** null: nothing is recorded. */
export function createOffsetRecorder(
  config: Config,
  { meters, clock, log: parent }: OffsetRecorderParts,
): OffsetRecorder | null {
  if (!recordsOffsets(config)) return null
  const { record, postgres } = config.offsets
  const group = config.kafka.groupId
  const log = parent.child({ room: 'sink' })
  const pool = openOffsetsPool(config, log, { maxConnections: 1 }, meters)
  const owner = ownerName(config)
  const table = createRecordTable({ group, table: record.table, owner }, pool)
  const prepare = postgres.migrate
    ? createMigrateOnce(recordMigration(config), pool, log)
    : async () => {}
  /** By partition: the newest that is not in the table. */
  let newest = new Map<string, RecordedOffset>()
  let writing: Promise<void> | null = null
  let isFailing = false
  const timer = setInterval(() => void flush(), record.every)

  function note(offsets: readonly OffsetToCommit[], committedAt: number): void {
    for (const { topic, partition, offset, finished, metadata } of offsets) {
      const { topicId } = decodeMetadata(metadata, offset)
      const noted = { topic, partition, offset, finished, topicId, committedAt }
      const name = partitionName(noted)
      if ((newest.get(name)?.committedAt ?? 0) <= committedAt) newest.set(name, noted)
    }
  }

  function flush(): Promise<void> {
    writing ??= write().finally(() => {
      writing = null
    })
    return writing
  }

  async function write(): Promise<void> {
    if (newest.size === 0) return
    const taken = newest
    newest = new Map()
    try {
      await prepare()
      await table.write([...taken.values()])
      meters.process.recordings.ok += 1
      if (isFailing) log.info({ event: 'offsets.recorded', group }, 'Offsets are recorded again')
      isFailing = false
    } catch (error) {
      // What was committed since is newer.
      newest = new Map([...taken, ...newest])
      meters.process.recordings.failed += 1
      if (!isFailing) {
        log.warn(
          { event: 'offsets.unrecorded', group, code: codeOf(error) },
          `The offsets cannot be recorded in the table ${record.table}; records are handled and committed meanwhile, and it is tried again: ${messageOf(error)}`,
        )
      }
      isFailing = true
    }
  }

  return {
    watch: (target) => ({
      async commit(offsets) {
        // Not when it is answered: the next owner may have committed by then.
        const committedAt = clock.now()
        await target.commit(offsets)
        note(offsets, committedAt)
      },
    }),
    async close() {
      clearInterval(timer)
      const last = Promise.resolve(writing).then(flush)
      await withDeadline(last, LAST_WRITE, 'The last recording of offsets').catch(() => {})
      void pool.close().catch(() => {})
    },
  }
}
