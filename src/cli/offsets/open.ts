import { openGroupOffsets } from '../../app/offsets/open-group-offsets.ts'
import type { Config } from '../../config/types.ts'
import { createOffsetsControl, type OffsetsControl } from '../../group/offsets/control.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
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

async function open<T>(
  config: Config,
  flags: OpenFlags,
  work: (control: OffsetsControl) => Promise<T>,
): Promise<T> {
  const group = flags.group ?? config.kafka.groupId
  if (group === NONE) throw usageError('the group is not known; give --group NAME or kafka.groupId')
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
