import { sleep, withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { Links } from '../cluster/links.ts'
import { explain } from '../errors.ts'
import {
  code,
  describeGroupsApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  syncGroupApi,
} from '../protocol/index.ts'
import { tryAgain } from '../try-again.ts'
import type { BrokerOptions } from '../types.ts'
import { encodeSubscription } from './assignors/index.ts'
import { Coordinator } from './coordinator.ts'
import { refusal } from './refusals.ts'

/** Milliseconds after which the brokers take it from a process that is silent. */
export const GROUP_LOCK_SESSION = 10_000
const HEARTBEAT = 2_000
/** How long it may not be known whether it is still held, and the pause between two questions. */
const PATIENCE = GROUP_LOCK_SESSION / 2
const PAUSE = 200
/** A join waits for whoever else is in the group. */
const JOINING = 2 * GROUP_LOCK_SESSION
const LEAVING = 2_000

/** A lock that the brokers keep, and that ends with its holder. */
export interface GroupLock {
  /** Asks the brokers. False: it is lost, or they do not answer. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Takes a lock by being the leader of a consumer group in which nobody consumes: a group has one, who
 * stays it for as long as he is a member. Whoever else comes is not, and leaves again.
 *
 * Resolves with null if somebody else has it. Rejects with OCC_GROUP_NOT_AUTHORIZED if this user may not
 * use that group, and if the brokers cannot be reached.
 *
 * @param section of the configuration, as of `Links`
 */
export async function lockGroup(
  broker: BrokerOptions,
  groupId: string,
  log: Log,
  section?: string,
): Promise<GroupLock | null> {
  const links = new Links(broker, log, section)
  const coordinator = new Coordinator(links, groupId, systemClock)
  const doing = `Locking with the group "${groupId}"`
  let memberId = ''
  let generation = -1
  let isLost = false

  function refuse(error: number): void {
    coordinator.throwIfAway(error)
    if (error !== code.NONE) throw refusal(error, doing)
  }

  /** Joining an empty group takes seconds, and one that is locked disturbs whoever has it. */
  async function isTaken(): Promise<boolean> {
    const request = { groups: [groupId] }
    const { groups } = await coordinator.send(describeGroupsApi, request, 'group', LEAVING)
    const [group] = groups
    if (group !== undefined) coordinator.throwIfAway(group.error)
    // This one is in it already if the answer to its join was lost.
    const isOther = (member: { memberId: string }) => member.memberId !== memberId
    return group?.error === code.NONE && group.members.some(isOther)
  }

  /** One round, or more if somebody comes or goes meanwhile. Resolves with whether it leads. */
  async function join(): Promise<boolean> {
    const subscription = { topics: [], owned: new Map(), generation: -1, rackId: null }
    const protocols = [{ name: 'range', metadata: encodeSubscription(subscription, 'range') }]
    const timeouts = { sessionTimeout: GROUP_LOCK_SESSION, rebalanceTimeout: GROUP_LOCK_SESSION }
    for (;;) {
      const joined = await coordinator.send(
        joinGroupApi,
        { groupId, groupInstanceId: null, memberId, protocols, ...timeouts },
        'join',
        JOINING,
      )
      if (joined.error === code.MEMBER_ID_REQUIRED) {
        memberId = joined.memberId
        continue
      }
      // A coordinator that has taken over does not know whoever was about to join.
      if (joined.error === code.UNKNOWN_MEMBER_ID) memberId = ''
      refuse(joined.error)
      memberId = joined.memberId
      generation = joined.generation
      if (joined.leaderId !== memberId) return false
      const synced = await coordinator.send(
        syncGroupApi,
        { groupId, groupInstanceId: null, memberId, generation, assignments: [] },
        'join',
        JOINING,
      )
      if (synced.error === code.REBALANCE_IN_PROGRESS) continue
      refuse(synced.error)
      return true
    }
  }

  async function beat(): Promise<boolean> {
    const request = { groupId, groupInstanceId: null, memberId, generation }
    const { error } = await coordinator.send(heartbeatApi, request, 'group', GROUP_LOCK_SESSION / 3)
    if (error === code.NONE) return true
    coordinator.throwIfAway(error)
    if (error === code.REBALANCE_IN_PROGRESS && (await join())) return true
    isLost = true
    return false
  }

  /** A broker that moves or is slow does not take it. */
  async function patiently(): Promise<boolean> {
    const until = performance.now() + PATIENCE
    while (!isLost) {
      try {
        return await beat()
      } catch {
        if (performance.now() > until) return false
        await sleep(PAUSE)
      }
    }
    return false
  }

  /** One after the other: a round must not overlap another one. Whoever asks meanwhile shares the next one. */
  let beating: Promise<boolean> = Promise.resolve(true)
  let next: Promise<boolean> | null = null
  function isHeld(): Promise<boolean> {
    next ??= beating.then(() => {
      next = null
      beating = patiently()
      return beating
    })
    return next
  }

  async function leave(): Promise<void> {
    try {
      if (memberId === '') return
      const request = { groupId, memberId, groupInstanceId: null }
      const told = coordinator.send(leaveGroupApi, request, 'group', LEAVING)
      await withDeadline(told, LEAVING, 'Leaving')
    } catch {
      // It ends with its session.
    } finally {
      links.close()
    }
  }

  try {
    const isMine = await tryAgain(
      async () => !(await isTaken()) && (await join()),
      async () => {},
    )
    if (!isMine) {
      await leave()
      return null
    }
  } catch (error) {
    await leave()
    throw explain(error, doing, undefined, { section, givenBy: broker.givenBy })
  }
  const timer = setInterval(() => void isHeld(), HEARTBEAT).unref()
  return {
    isHeld,
    async release() {
      clearInterval(timer)
      // Brokers that do not answer are not waited for: a round that is under way ends with its connection.
      isLost = true
      await leave()
    },
  }
}
