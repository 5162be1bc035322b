import { createGroupLooks, type GroupLooks } from '../../broker/group-state/group-looks.ts'
import { createTopicLogs, type TopicLogs } from '../../broker/topics/topic-logs.ts'
import { valueAt } from '../../config/load/layers.ts'
import type { Config } from '../../config/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { usageError } from '../arguments.ts'
import { type ReaderFlags, readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'

/** They look from outside: nothing is joined. */
export interface Looks {
  readonly looks: GroupLooks
  readonly logs: TopicLogs
}

export interface GroupOfFlags extends Looks {
  readonly groupId: string
  /** Those of the configuration, where the group is its own. */
  readonly topics: readonly string[]
}

/** The work of a command that looks at brokers only. */
export function withBrokers<Result>(
  flags: ReaderFlags,
  io: Io,
  work: (looks: Looks) => Promise<Result>,
): Promise<Result> {
  return withReaderConfig({ flags, sections: [], topic: 'none' }, io, ({ config }) =>
    looking(config, flags, io, work),
  )
}

async function looking<Result>(
  config: Config,
  flags: ReaderFlags,
  io: Io,
  work: (looks: Looks) => Promise<Result>,
): Promise<Result> {
  const broker = readerBrokers(config, flags, '--topic')
  const log = commandLog(io, 'error')
  const looks = createGroupLooks(broker, log)
  const logs = createTopicLogs(broker, log, lz4Codec)
  try {
    return await work({ looks, logs })
  } finally {
    logs.close()
    await looks.close()
  }
}

/** The same, with the group of the flags or of the configuration. Throws OCC_USAGE if there is none. */
export function withGroup<Result>(
  flags: ReaderFlags & { readonly group?: string },
  io: Io,
  work: (found: GroupOfFlags) => Promise<Result>,
): Promise<Result> {
  let ofConfig: unknown
  let configured: unknown
  const options = {
    ...{ flags, sections: [], topic: 'none' },
    adjust(values: Record<string, unknown>) {
      ofConfig = valueAt(values, ['kafka', 'groupId'])
      configured = valueAt(values, ['kafka', 'topics'])
    },
  }
  return withReaderConfig(options, io, async ({ config }) => {
    const own = ofConfig === undefined ? undefined : config.kafka.groupId
    const groupId = flags.group ?? own
    if (groupId === undefined) {
      throw usageError(
        'no group to look at; give --group NAME, or --config FILE with kafka.groupId',
      )
    }
    const isOwn = groupId === own && configured !== undefined
    const topics = isOwn ? config.kafka.topics : []
    return looking(config, flags, io, (looks) => work({ ...looks, groupId, topics }))
  })
}
