import { createGroupNotes } from '../../broker/group-state/group-notes.ts'
import { pausesGroupId } from '../../config/schema/names.ts'
import type { Config } from '../../config/types.ts'
import { Pauses } from '../../group/pauses/pauses.ts'
import type { AdminControl } from '../../http/admin.ts'
import type { Log } from '../../kernel/log.ts'
import type { Pause } from '../../kernel/shapes/pause-target.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Meters, ServiceStatus } from '../../observe/types.ts'
import { brokerOptions } from '../room-options.ts'
import type { Unit } from '../units/create-unit.ts'
import { holdIn } from '../units/merge-units.ts'
import { createTokenReader } from './read-tokens.ts'

export interface AdminParts {
  readonly units: readonly Unit[]
  readonly meters: Pick<Meters, 'countError'>
  readonly clock: Clock
  readonly log: Log
}

/** What operators do to the service, except for offsets. */
export interface Admin {
  readonly control: AdminControl
  /** In force now. */
  pauses(): readonly Pause[]
  /** Whether it is known what is paused, and for how long it could not be read. */
  knowledge(): Pick<ServiceStatus, 'unknownPauses' | 'pausesAge'>
  /** The units consume once it is known what is paused. */
  start(): void
  stop(): Promise<void>
}

/** Without a token of operators there is nothing that could be paused. */
export function createAdmin(config: Config, { units, meters, clock, log }: AdminParts): Admin {
  const pauses = config.admin.tokenFile === undefined ? null : createPauses()
  if (pauses !== null) holdIn(units, null)

  function createPauses(): Pauses {
    const groupId = pausesGroupId(config.kafka.groupId)
    return new Pauses({
      store: createGroupNotes(brokerOptions(config), groupId, log.child({ room: 'broker' })),
      topics: config.kafka.topics,
      clock,
      log: log.child({ room: 'group' }),
      changed: (all) => holdIn(units, all),
      failed: ({ code }) => meters.countError('group', code),
    })
  }

  const off = () => Promise.reject(new Error('there is no token that could ask for it'))
  return {
    control: {
      readTokens: createTokenReader(config, clock, log.child({ room: 'http' })),
      knows: () => ({
        pauses: pauses?.list() ?? [],
        topics: config.kafka.topics,
        handlers: units.flatMap(({ handling }) => handling.names()),
        partitionsOf: (topic) =>
          units
            .map(({ group }) => group.progress()?.partitionsByTopic[topic])
            .find((count) => count !== undefined) ?? null,
      }),
      pause: (order) => pauses?.pause(order) ?? off(),
      resume: (order) => pauses?.resume(order) ?? off(),
    },
    pauses: () => pauses?.list() ?? [],
    knowledge() {
      const { unknown = null, age = null } = pauses ?? {}
      return {
        ...(unknown !== null && { unknownPauses: unknown }),
        ...(age !== null && { pausesAge: age }),
      }
    },
    start: () => pauses?.start(),
    stop: async () => pauses?.stop(),
  }
}
