import type { BrokerOptions } from '../../broker/types.ts'
import { valueAt } from '../../config/load/layers.ts'
import type { Config } from '../../config/types.ts'
import { usageError } from '../arguments.ts'
import { readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import type { Io } from '../terminal/io.ts'

export interface BrokerFlags {
  readonly config?: string
  readonly brokers?: string
  readonly group?: string
}

export interface GroupOfFlags {
  readonly config: Config
  readonly groupId: string
  /** Those of the configuration, where the group is its own. */
  readonly topics: readonly string[]
}

/** The work of a command that looks at brokers only. */
export function withBrokers<Result>(
  flags: BrokerFlags,
  io: Io,
  work: (broker: BrokerOptions) => Promise<Result>,
): Promise<Result> {
  const { config: configFile, brokers } = flags
  return withReaderConfig(
    { configFile, brokers, sections: [], topic: 'none' },
    io,
    async ({ config }) => work(readerBrokers(config, flags, '--topic')),
  )
}

/** The same, with the group of the flags or of the configuration. Throws OCC_USAGE if there is none. */
export function withGroup<Result>(
  flags: BrokerFlags,
  io: Io,
  work: (found: GroupOfFlags) => Promise<Result>,
): Promise<Result> {
  const { config: configFile, brokers } = flags
  let ofConfig: unknown
  let configured: unknown
  const options = {
    ...{ configFile, brokers, sections: [], topic: 'none' },
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
    return work({ config, groupId, topics: isOwn ? config.kafka.topics : [] })
  })
}
