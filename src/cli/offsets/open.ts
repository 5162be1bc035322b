import { openGroupOffsets } from '../../app/offsets/open-group-offsets.ts'
import { openOffsetsPool, recordsOffsets } from '../../app/offsets/open-offsets-pool.ts'
import type { Config } from '../../config/types.ts'
import { createOffsetsControl, type OffsetsControl } from '../../group/offsets/control.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { createRecordTable } from '../../sink/postgres/offsets/recording.ts'
import { usageError } from '../arguments.ts'
import { readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import { namesService, type ReachFlags, withServices } from '../service/reach.ts'
import type { Io } from '../terminal/io.ts'
import { remoteOffsets } from './remote.ts'

export interface OpenFlags extends ReachFlags {
  readonly config?: string
  readonly brokers?: string
  readonly group?: string
}

/** In place of what the configuration does not say. */
const NONE = 'none'

/** The offsets of the group, through a pod or on the brokers, for as long as the work takes. */
export async function withOffsets<T>(
  flags: OpenFlags,
  io: Io,
  work: (control: OffsetsControl) => Promise<T>,
): Promise<T> {
  if (namesService(flags)) {
    return withServices(flags, { services: 'one', token: true }, io, ({ services, token }) =>
      work(remoteOffsets(services, token, flags.group)),
    )
  }
  const options = { flags, sections: ['offsets'], topic: NONE }
  return withReaderConfig(options, io, ({ config }) => open(config, flags, work))
}

/** What the table of `offsets.record` has of the group. */
export async function readRecorded(flags: OpenFlags, io: Io) {
  if (namesService(flags)) {
    const why = '--recorded reads the table of offsets.record, which the configuration names'
    throw usageError(`${why}; give --config in place of --url or --release`)
  }
  const options = { flags, sections: ['offsets'], topic: NONE }
  return withReaderConfig(options, io, async ({ config }) => {
    if (!recordsOffsets(config)) {
      throw usageError(
        '--recorded: nothing is recorded; see offsets.record.every (docs/offsets.md)',
      )
    }
    const group = groupOf(config, flags)
    const pool = openOffsetsPool(config, silentLog, { maxConnections: 1 })
    const { table } = config.offsets.record
    try {
      return {
        group,
        partitions: await createRecordTable({ group, table, owner: '' }, pool).read(),
      }
    } finally {
      await pool.close()
    }
  })
}

function groupOf(config: Config, flags: OpenFlags): string {
  const group = flags.group ?? config.kafka.groupId
  if (group === NONE) throw usageError('the group is not known; give --group NAME or kafka.groupId')
  return group
}

async function open<T>(
  config: Config,
  flags: OpenFlags,
  work: (control: OffsetsControl) => Promise<T>,
): Promise<T> {
  const group = groupOf(config, flags)
  const brokers = readerBrokers(config, flags, '--topic')
  const storeOf = (name: string) => openGroupOffsets(config, brokers, name, silentLog)
  const control = createOffsetsControl({
    group,
    store: storeOf(group),
    open: storeOf,
    rate: () => null,
    members: null,
    now: () => systemClock.now(),
  })
  try {
    return await work(control)
  } finally {
    await control.close()
  }
}
