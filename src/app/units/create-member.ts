import { createGroupMember } from '../../broker/member.ts'
import type { OffsetClaims } from '../../broker/offsets/offset-claims.ts'
import type { GroupMember, MemberControl } from '../../broker/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import type { Engine } from '../../flow/engine.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { brokerOptions, memberOptions } from '../room-options.ts'
import type { UnitConfig } from './units.ts'

export interface MemberParts {
  readonly engine: Pick<Engine, 'listen'>
  /** A store of offsets beside Kafka; null: Kafka alone has them. */
  readonly claims: OffsetClaims | null
  readonly clock: Clock
  readonly log: Log
}

/**
 * One member of a group, joined with its session in the engine.
 *
 * @param index Number of the member of this group in this process, from 0.
 */
export function createMember(
  { own, config }: UnitConfig,
  index: number,
  { engine, claims, clock, log }: MemberParts,
): GroupMember {
  const options = memberOptions(config, index, own)
  // The session controls a member that is made after it.
  const control: MemberControl = {
    pause: (partition) => member.pause(partition),
    resume: (partition) => member.resume(partition),
    commit: (offsets) => member.commit(offsets),
    move: (offset) => member.move(offset),
    unreadable: (batch, error) => member.unreadable(batch, error),
  }
  const member: GroupMember = createGroupMember(
    brokerOptions(config),
    options,
    engine.listen(options.name, control),
    clock,
    log.child({ room: 'broker' }),
    lz4Codec,
    claims,
  )
  return member
}
