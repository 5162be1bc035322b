import { createGroupReader } from '../../broker/group-state/reader.ts'
import type { Config } from '../../config/types.ts'
import { createGroupProgress } from '../../group/progress.ts'
import { createScaling, type GroupStatus, type Scaling } from '../../group/scaling.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Meters } from '../../observe/types.ts'
import { brokerOptions, groupProgressOptions, scalingOptions } from '../room-options.ts'

export interface GroupParts {
  readonly status: { status(): GroupStatus }
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
}

/**
 * Progress of the whole group, all pods together, and what follows from it: reports and advice on
 * its size.
 */
export function createGroup(config: Config, { status, meters, clock, log }: GroupParts) {
  const brokerLog = log.child({ room: 'broker' })
  const group = createGroupProgress(
    createGroupReader(brokerOptions(config), config.kafka, brokerLog),
    groupProgressOptions(config),
    {
      updated: (progress) => scaling.observe(progress),
      failed: ({ code }) => meters.countError('group', code),
    },
    clock,
    brokerLog,
  )
  const scaling: Scaling = createScaling(scalingOptions(config), { group, status, meters, clock })
  return { group, scaling }
}
