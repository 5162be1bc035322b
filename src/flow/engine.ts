import type { MemberControl, MemberListener, RebalanceReport } from '../broker/types.ts'
import type { PauseTarget, TopicTarget } from '../kernel/pause-target.ts'
import type { TopicPartition } from '../kernel/record.ts'
import type { CircuitStatus, LoadStatus, PartitionStatus, ProcessMeter } from '../observe/types.ts'
import { CircuitBreakers } from './circuit/circuit-breakers.ts'
import { ConcurrencyLimiter } from './concurrency-limiter.ts'
import { Holds } from './holds.ts'
import type { Lane } from './lane/lane.ts'
import { waitingStatus } from './lane/lane-status.ts'
import { Memory } from './memory.ts'
import { createPump } from './pump.ts'
import { Repeats } from './repeats.ts'
import { createSession, type Session } from './session.ts'
import type { SharedParts } from './shared-parts.ts'
import type { FlowChanges, FlowOptions, FlowParts } from './types.ts'

/** Milliseconds; what is queued for longer than this or twice this is detached. */
const LOOK_AFTER_INTERVAL = 1_000
/** Of the same topic, code and handler, a minute. */
const MAX_LETTER_LINES = 10

/**
 * Joins the rooms: takes batches from the members, queues them by partition, has them handled,
 * and commits what is finished. Fetching never waits for handling; a full queue pauses its own
 * partition only.
 */
export interface Engine {
  /** What the named member tells its news to, for as long as it lives. */
  listen(member: string, control: MemberControl): MemberListener
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
  held(): TopicTarget[]
  /** Stops handing out records, finishes those in hand within the deadline, and commits. */
  drain(deadline: number): Promise<void>
  close(): void
}

export function createEngine(initial: FlowOptions, parts: FlowParts): Engine {
  /** The one object that all look at, so that a change reaches them. */
  const options = { ...initial }
  const { meters } = parts
  const limiter = new ConcurrencyLimiter(options.concurrency, options.maxRecordsPerSecond)
  const circuits = new CircuitBreakers(options.circuit, parts.clock, parts.log)
  const memory = new Memory(options.maxBytes, options.maxBytesPerPartition)
  const holds = new Holds()
  const { wake } = createPump(limiter)
  const letterLines = new Repeats(MAX_LETTER_LINES)
  const shared: SharedParts = {
    options,
    parts,
    limiter,
    circuits,
    holds,
    memory,
    letterLines,
    wake,
  }
  const sessions = new Map<string, Session>()
  let draining = false
  const lookAfterTimer = setInterval(() => {
    for (const lane of lanes()) lane.tick()
    memory.tick()
  }, LOOK_AFTER_INTERVAL)

  function lanes(): Lane[] {
    return [...sessions.values()].flatMap((session) => session.lanes)
  }

  function listen(member: string, control: MemberControl): MemberListener {
    const { process } = meters
    // Whoever forgot to end the one before: its work must not count any more.
    sessions.get(member)?.close()
    const session = createSession(shared, control)
    sessions.set(member, session)

    function lanesOf(partitions: readonly TopicPartition[]): Lane[] {
      return partitions.flatMap((partition) => session.lane(partition) ?? [])
    }

    function count(kind: keyof ProcessMeter['rebalances'], { length }: { length: number }): void {
      if (length === 0) return
      process.rebalances[kind] += 1
      process.partitionsMoved += length
    }

    return {
      assigned(partitions) {
        count('assigned', partitions)
        session.add(partitions)
        if (draining) void session.end(lanesOf(partitions), 0)
      },
      async revoking(partitions) {
        count('revoked', partitions)
        await session.end(lanesOf(partitions), options.rebalanceDrain)
      },
      lost(partitions) {
        count('lost', partitions)
        session.drop(lanesOf(partitions))
      },
      rebalanced: (report) => countRebalance(process, report),
      batch(batch) {
        session.lane(batch)?.intake.accept(batch)
      },
      moved(partition, offset, metadata) {
        session.lane(partition)?.intake.moved(offset, metadata)
      },
      room: (partition) => session.lane(partition)?.intake.room ?? 0,
      endOffset(partition, endOffset, stableOffset) {
        session.lane(partition)?.intake.setEndOffset(endOffset, stableOffset)
      },
      problem(partition, problem) {
        const lane = session.lane(partition)
        if (lane === undefined) session.waits(partition, problem)
        else lane.intake.problem = problem
      },
      recordsLost({ topic, from, to }) {
        meters.topic(topic).recordsLost += to - from
      },
      recordsCut({ topic, from, to }) {
        meters.topic(topic).recordsCut += to - from
      },
      fetched(seconds) {
        process.fetches += 1
        process.fetchSeconds.observe(seconds)
      },
      throttled(milliseconds) {
        process.throttledSeconds += milliseconds / 1000
      },
      fetchFailed({ topic }, code) {
        const { fetchErrors } = meters.topic(topic)
        fetchErrors.set(code, (fetchErrors.get(code) ?? 0) + 1)
      },
      failed(error) {
        process.restarts += 1
        meters.countError('broker', error.code)
      },
    }
  }

  return {
    listen,
    partitions() {
      return [...sessions].flatMap(([member, session]) => [
        ...session.lanes.map((lane) => lane.status(member)),
        ...[...session.waiting.values()].map((it) => waitingStatus(member, it, it.problem)),
      ])
    },
    circuits: () => circuits.status(),
    load: () => ({
      inFlight: limiter.inFlight,
      concurrency: limiter.concurrency,
      bufferedBytes: memory.bytes,
      maxBytes: memory.maxBytes,
    }),
    configure({ concurrency, maxRecordsPerSecond, retry }) {
      limiter.configure(concurrency, maxRecordsPerSecond)
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
      await Promise.all(
        [...sessions.values()].map((session) => session.end(session.lanes, deadline)),
      )
    },
    close() {
      clearInterval(lookAfterTimer)
      for (const session of sessions.values()) session.close()
      sessions.clear()
      circuits.close()
      limiter.close()
    },
  }
}

function countRebalance(process: ProcessMeter, report: RebalanceReport): void {
  const { protocol, added, removed, duration, unmovedPause } = report
  const { rebalancesByProtocol: byProtocol } = process
  byProtocol.set(protocol, (byProtocol.get(protocol) ?? 0) + 1)
  process.rebalanceSeconds.observe(duration / 1000)
  process.unmovedPauseSeconds.observe(unmovedPause / 1000)
  if (added + removed > 0) process.movedPauseSeconds.observe(duration / 1000)
}
