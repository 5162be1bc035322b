import type { MemberControl, MemberListener, RebalanceReport } from '../broker/types.ts'
import type { MoveAnswer, MoveOrder } from '../group/offsets/types.ts'
import type { PauseTarget } from '../kernel/shapes/pause-target.ts'
import type { TopicPartition } from '../kernel/shapes/record.ts'
import { Repeats } from '../kernel/time/repeats.ts'
import type { CircuitStatus, LoadStatus, PartitionStatus, ProcessMeter } from '../observe/types.ts'
import { CircuitBreakers } from './circuit/circuit-breakers.ts'
import { ConcurrencyLimiter } from './concurrency-limiter.ts'
import { Holds } from './holds.ts'
import type { Lane } from './lane/lane.ts'
import { waitingStatus } from './lane/lane-status.ts'
import { Memory } from './memory.ts'
import { Moves } from './moves.ts'
import { createPump } from './pump.ts'
import { RetryAdvice } from './retry-advice.ts'
import { createSession, type Session } from './session.ts'
import type { SharedParts } from './shared-parts.ts'
import type { FlowOptions, FlowParts } from './types.ts'

/** Milliseconds. What stays queued for one to two intervals is detached from its fetch response. */
const TICK_INTERVAL = 1_000
/** Lines a minute for the same topic, code and handler. */
const MAX_DEAD_LETTER_LINES = 10

/**
 * Takes batches from the members, queues them by partition, has them handled, and commits what is
 * finished. Fetching never waits for handling; a full queue pauses only its own partition.
 */
export interface Engine {
  /** The listener for the named member, for as long as the member lives. */
  listen(member: string, control: MemberControl): MemberListener
  partitions(): PartitionStatus[]
  /** Circuits of every named handler, and of unnamed ones that failed (`''`). */
  circuits(): CircuitStatus[]
  load(): LoadStatus
  /**
   * Replaces the options while it runs. Records already in flight are not affected. Tries again
   * what could not be decoded, before later records succeed: the rules of decoding may have changed.
   */
  configure(options: FlowOptions): void
  /**
   * What operators have paused, in the place of what they had before; null: it is not known, so
   * everything waits. Hands over no more records of these, and fetches no more of topics and
   * partitions. Records in flight are finished. Survives rebalances.
   */
  hold(targets: readonly PauseTarget[] | null): void
  /** What it holds. */
  readonly held: readonly PauseTarget[] | null
  /**
   * Sets offsets, as an operator asks: each partition finishes what is in flight, within
   * `rebalanceDrain`, and begins anew. Answers for the partitions that this process has. Never
   * rejects.
   */
  move(order: MoveOrder): Promise<readonly MoveAnswer[]>
  /** Hands over nothing more, finishes what is in flight within the deadline (ms), and commits. */
  drain(deadline: number): Promise<void>
  close(): void
}

export function createEngine(initial: FlowOptions, parts: FlowParts): Engine {
  /** One shared object, so that a change reaches every lane. */
  const options = { ...initial }
  const { meters } = parts
  const limiter = new ConcurrencyLimiter(options.concurrency, options.maxRecordsPerSecond)
  const circuits = new CircuitBreakers(options.circuit, parts.clock, parts.log)
  const memory = new Memory(options.maxBytes, options.maxBytesPerPartition)
  const holds = new Holds()
  const pump = createPump(parts.outlet ? [limiter, parts.outlet] : [limiter])
  const deadLetterRepeats = new Repeats(MAX_DEAD_LETTER_LINES)
  const shared: SharedParts = {
    options,
    parts,
    limiter,
    circuits,
    holds,
    memory,
    deadLetterRepeats,
    pump,
  }
  const retryAdvice = new RetryAdvice(parts.log)
  const sessions = new Map<string, Session>()
  const moves = new Moves({
    find: lookUp,
    deadline: () => options.rebalanceDrain,
    meters,
    log: parts.log,
  })
  let draining = false
  const tickTimer = setInterval(() => {
    const all = lanes()
    for (const lane of all) lane.tick()
    retryAdvice.look(all, parts.clock.monotonic())
    memory.tick()
  }, TICK_INTERVAL)

  function lanes(): Lane[] {
    return [...sessions.values()].flatMap((session) => session.lanes)
  }

  function lookUp(partition: TopicPartition) {
    for (const session of sessions.values()) {
      const lane = session.lane(partition)
      if (lane !== undefined) return { lane, session }
    }
    return null
  }

  function listen(member: string, control: MemberControl): MemberListener {
    const { process } = meters
    // If the previous session was not ended, its work must no longer count.
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
        count(
          'assigned',
          partitions.filter((each) => !session.isMoving(each)),
        )
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
        meters.topic(topic).fetchErrors.count(code)
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
    configure(next) {
      Object.assign(options, next)
      limiter.configure(options.concurrency, options.maxRecordsPerSecond)
      for (const lane of lanes()) lane.retryUndecodable()
    },
    get held() {
      return holds.targets
    },
    hold(targets) {
      const before = new Set(holds.handlers)
      holds.set(targets)
      for (const handler of before.difference(holds.handlers)) circuits.hold(handler, false)
      for (const handler of holds.handlers.difference(before)) circuits.hold(handler, true)
      for (const lane of lanes()) lane.holdsChanged()
    },
    move: (order) => moves.move(order),
    async drain(deadline) {
      draining = true
      await Promise.all(
        [...sessions.values()].map((session) => session.end(session.lanes, deadline)),
      )
    },
    close() {
      clearInterval(tickTimer)
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
