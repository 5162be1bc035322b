import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { code, leaveGroupApi } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import type { Coordinator } from './coordinator.ts'

/** Of one attempt: a broker that swallows packets is asked again on a connection of its own. */
const ATTEMPT = 2_000
const PAUSE = 100

export interface LeavingParts {
  readonly coordinator: Pick<Coordinator, 'send' | 'hasMoved' | 'heardAt'>
  /** Monotonic milliseconds. */
  now(): number
}

/**
 * Tells the coordinator that the member goes. A group that is not told waits for the whole session
 * before it gives the partitions to others, so that is tried again: a coordinator that has just
 * moved, or a connection that has to be made anew on a busy machine, is normal when pods go.
 * @param until monotonic milliseconds. Resolves with why nobody heard it; null: it was heard.
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
      // Whatever else it says, such as that it does not know the member: it does not wait for it.
      if (!coordinator.hasMoved(error) && error !== code.COORDINATOR_LOAD_IN_PROGRESS) return null
      problem = 'its coordinator moves, or loads the group'
    } catch (error) {
      problem = messageOf(error)
    }
    const isOver = now() - coordinator.heardAt > sessionTimeout
    if (isOver || now() + PAUSE >= until) return problem
    await sleep(PAUSE)
  }
}
