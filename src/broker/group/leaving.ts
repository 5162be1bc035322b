import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { code, leaveGroupApi } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import type { Coordinator } from './coordinator.ts'

/** Milliseconds for one attempt. The next one uses a new connection, in case packets are lost. */
const ATTEMPT = 2_000
const PAUSE = 100

export interface LeavingParts {
  readonly coordinator: Pick<Coordinator, 'send' | 'hasMoved' | 'heardAt'>
  /** Monotonic milliseconds. */
  now(): number
}

/**
 * Tells the coordinator that the member leaves. Otherwise the group waits for the whole session
 * timeout before it reassigns the partitions. So it is retried: when pods stop, a coordinator that
 * has just moved or a slow new connection is normal.
 * @param until monotonic milliseconds
 * @returns why the coordinator could not be told; null: it was told
 */
export async function leaveGroup(
  { coordinator, now }: LeavingParts,
  { groupId, groupInstanceId, sessionTimeout }: MemberOptions,
  memberId: string,
  until: number,
): Promise<string | null> {
  const request = { groupId, memberId, groupInstanceId }
  for (;;) {
    let problem: string
    try {
      const timeout = Math.max(1, Math.min(ATTEMPT, until - now()))
      const { error } = await coordinator.send(leaveGroupApi, request, 'group', timeout)
      // With any other answer, such as an unknown member id, the broker does not wait for this
      // member.
      if (!coordinator.hasMoved(error) && error !== code.COORDINATOR_LOAD_IN_PROGRESS) return null
      problem = 'its coordinator is moving or loading the group'
    } catch (error) {
      problem = messageOf(error)
    }
    const isOver = now() - coordinator.heardAt > sessionTimeout
    if (isOver || now() + PAUSE >= until) return problem
    await sleep(PAUSE)
  }
}
