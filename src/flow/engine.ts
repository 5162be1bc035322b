import type { Assignment, MemberListener } from '../broker/types.ts'
import { partitionName } from '../kernel/record.ts'
import type { CircuitStatus, LoadStatus, PartitionStatus } from '../observe/types.ts'
import { Admission } from './admission.ts'
import { Circuits } from './circuits.ts'
import { Holds, type HoldTarget } from './holds.ts'
import type { Lane } from './lane.ts'
import { createPump } from './pump.ts'
import { createSession, type Session } from './session.ts'
import type { SharedParts } from './shared-parts.ts'
import type { FetchControl, FlowChanges, FlowOptions, FlowParts } from './types.ts'

/** Milliseconds; what is queued for longer than this or twice this is detached. */
const LOOK_AFTER_INTERVAL = 1_000

/** What an operator can pause: a topic, one partition of it, or a handler by its name. */
export type PauseTarget = HoldTarget | { readonly handler: string }

/**
 * Joins the rooms: takes batches from the members, queues them by partition, has them handled,
 * and commits what is finished. Fetching never waits for handling; a full queue pauses its own
 * partition only.
 */
export interface Engine {
  /** What the named member tells its news to. */
  listen(member: string, control: FetchControl): MemberListener
  partitions(): PartitionStatus[]
  /** Of every handler that is known by name, and of those that failed without one (`''`). */
  circuits(): CircuitStatus[]
  load(): LoadStatus
  /** Changes while it runs. What is in hand already is not taken back. */
  configure(changes: FlowChanges): void
  /**
   * Hands over nothing more of the target, and fetches nothing more of a topic or partition; what
   * is in hand is finished. Kept over rebalances, until `resume` or the end of the process.
   */
  pause(target: PauseTarget): void
  /** Of a topic: of all of its partitions too. */
  resume(target: PauseTarget): void
  /** Topics and partitions that are paused; handlers are in `circuits`. */
  held(): HoldTarget[]
  /** Stops handing out records, finishes those in hand within the deadline, and commits. */
  drain(deadline: number): Promise<void>
  close(): void
}

export function createEngine(initial: FlowOptions, parts: FlowParts): Engine {
  /** The one object that all look at, so that a change reaches them. */
  const options = { ...initial }
  const { meters, clock } = parts
  const admission = new Admission(options.concurrency, options.maxRecordsPerSecond)
  const circuits = new Circuits(options.circuit, clock, parts.log)
  const holds = new Holds()
  const { wake } = createPump(admission)
  const shared: SharedParts = { options, parts, admission, circuits, holds, wake }
  const sessions = new Map<string, Session>()
  let draining = false
  const lookAfterTimer = setInterval(() => {
    for (const lane of lanes()) lane.lookAfter()
  }, LOOK_AFTER_INTERVAL)

  function lanes(): Lane[] {
    return [...sessions.values()].flatMap((session) => session.lanes)
  }

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
        const session = createSession(assignment, shared, control)
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
    circuits: () => circuits.status(),
    load: () => ({ inHand: admission.inHand, concurrency: admission.concurrency }),
    configure({ concurrency, maxRecordsPerSecond, retry }) {
      admission.configure(concurrency, maxRecordsPerSecond)
      options.retry = retry ?? options.retry
    },
    pause(target) {
      if ('handler' in target) return circuits.hold(target.handler, true)
      holds.add(target)
      for (const lane of lanes()) lane.holdsChanged()
    },
    resume(target) {
      if ('handler' in target) return circuits.hold(target.handler, false)
      holds.remove(target)
      for (const lane of lanes()) lane.holdsChanged()
    },
    held: () => holds.list(),
    async drain(deadline) {
      draining = true
      await Promise.all([...sessions.values()].map((session) => session.end(deadline)))
    },
    close() {
      clearInterval(lookAfterTimer)
      for (const session of sessions.values()) session.abandon()
      sessions.clear()
      circuits.close()
      admission.close()
    },
  }
}
