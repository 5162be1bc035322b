import type { Assignment, MemberListener } from '../broker/types.ts'
import { partitionName } from '../kernel/record.ts'
import type { PartitionStatus } from '../observe/types.ts'
import { createPump } from './pump.ts'
import { createSession, type Session } from './session.ts'
import type { FetchControl, FlowOptions, FlowParts } from './types.ts'

/** Milliseconds; what is queued for longer than this or twice this is detached. */
const DETACH_INTERVAL = 1_000

/**
 * Joins the rooms: takes batches from the members, queues them by partition, has them handled,
 * and commits what is finished. Fetching never waits for handling; a full queue pauses its own
 * partition only.
 */
export interface Engine {
  /** What the named member tells its news to. */
  listen(member: string, control: FetchControl): MemberListener
  partitions(): PartitionStatus[]
  /** Stops handing out records, finishes those in hand within the deadline, and commits. */
  drain(deadline: number): Promise<void>
  close(): void
}

export function createEngine(options: FlowOptions, parts: FlowParts): Engine {
  const { meters, clock } = parts
  const pump = createPump()
  const sessions = new Map<string, Session>()
  let draining = false
  const detachTimer = setInterval(() => {
    for (const session of sessions.values()) {
      for (const lane of session.lanes) lane.detachOld()
    }
  }, DETACH_INTERVAL)

  function listen(member: string, control: FetchControl): MemberListener {
    let rebalancingSince: number | null = null
    let previous = new Set<string>()

    function remember(assignment: Assignment, kind: 'revoked' | 'lost'): Session | undefined {
      meters.process.rebalances[kind] += 1
      rebalancingSince ??= clock.monotonic()
      const session = sessions.get(member)
      return session?.assignment === assignment ? session : undefined
    }

    return {
      assigned(assignment) {
        const names = new Set(assignment.partitions.map(partitionName))
        const { process } = meters
        process.rebalances.assigned += 1
        process.partitionsMoved += names.symmetricDifference(previous).size
        previous = names
        if (rebalancingSince !== null) {
          process.rebalanceSeconds.observe((clock.monotonic() - rebalancingSince) / 1000)
          rebalancingSince = null
        }
        // Whoever forgot to end the assignment before: its work must not count any more.
        sessions.get(member)?.abandon()
        const session = createSession(assignment, options, parts, control, pump.wake)
        sessions.set(member, session)
        if (draining) void session.end(0)
      },
      async revoking(assignment) {
        const session = remember(assignment, 'revoked')
        await session?.end(options.rebalanceDrain)
        if (sessions.get(member) === session) sessions.delete(member)
      },
      lost(assignment) {
        const session = remember(assignment, 'lost')
        session?.abandon()
        if (sessions.get(member) === session) sessions.delete(member)
      },
      batch(batch) {
        sessions.get(member)?.lane(batch)?.accept(batch)
      },
      skipped(partition, nextOffset) {
        sessions.get(member)?.lane(partition)?.advance(nextOffset)
      },
      endOffset(partition, endOffset) {
        sessions.get(member)?.lane(partition)?.setEndOffset(endOffset)
      },
      recordsLost({ topic, from, to }) {
        meters.topic(topic).recordsLost += to - from
      },
      fetched(seconds) {
        meters.process.fetches += 1
        meters.process.fetchSeconds.observe(seconds)
      },
      failed(error) {
        meters.process.restarts += 1
        meters.countError('broker', error.code)
      },
    }
  }

  return {
    listen,
    partitions() {
      return [...sessions].flatMap(([member, session]) =>
        session.lanes.map((lane) => lane.status(member)),
      )
    },
    async drain(deadline) {
      draining = true
      await Promise.all([...sessions.values()].map((session) => session.end(deadline)))
    },
    close() {
      clearInterval(detachTimer)
      for (const session of sessions.values()) session.abandon()
      sessions.clear()
    },
  }
}
