import { readPodsToken } from '../../config/admin-tokens.ts'
import type { Config } from '../../config/types.ts'
import { createOffsetsControl } from '../../group/offsets/control.ts'
import { parseTarget } from '../../group/offsets/target.ts'
import type { MoveOrder } from '../../group/offsets/types.ts'
import { createPeers } from '../../http/api/peers.ts'
import type { OffsetsApi } from '../../http/api/types.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { brokerOptions } from '../room-options.ts'
import type { Unit } from '../units/create-unit.ts'
import { openGroupOffsets } from './open-group-offsets.ts'

export interface OffsetsParts {
  readonly units: readonly Unit[]
  readonly clock: Clock
  readonly log: Log
  /** Where this process listens. */
  port(): number
}

/** Milliseconds that the commit of a moved partition may take, beside its drain. */
const COMMIT = 30_000

/** The offsets of the groups of this process, for the API: here, and in the other pods. */
export function createOffsetsApi(config: Config, parts: OffsetsParts): OffsetsApi {
  const { units, clock, log } = parts
  const { tokenFile } = config.admin
  const unitOf = (group: string) => units.find(({ config: own }) => own.kafka.groupId === group)
  const local = async (order: MoveOrder) => unitOf(order.group)?.engine.move(order) ?? []
  const open = (group: string) =>
    openGroupOffsets(config, brokerOptions(config), group, log.child({ room: 'broker' }))

  return {
    groups: units.map(({ config: own }) => own.kafka.groupId),
    target(text) {
      const target = parseTarget(text, clock.now())
      if (typeof target === 'string' || target.kind !== 'file') return target
      return 'file: is for the command line; send its partitions as "offsets"'
    },
    async withControl(group, work) {
      const unit = unitOf(group)
      const members = createPeers({
        peers: config.http.peers ?? [],
        port: parts.port(),
        token: () => (tokenFile === undefined ? null : readPodsToken(tokenFile, 'admin.tokenFile')),
        local,
        timeout: () => config.flow.rebalanceDrain + COMMIT,
        log: log.child({ room: 'http' }),
      })
      const control = createOffsetsControl({
        group,
        store: open(group),
        open,
        rate: () => unit?.group.progress()?.consumeRate ?? null,
        members,
        now: () => clock.now(),
      })
      try {
        return await work(control)
      } finally {
        await control.close()
      }
    },
    move: local,
  }
}
