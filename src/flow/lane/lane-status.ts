import type { PartitionProblem } from '../../broker/types.ts'
import type { OldestRecord } from '../../kernel/shapes/oldest-record.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { PartitionStatus, PauseReason } from '../../observe/types.ts'
import type { WholeBatch } from './in-flight-window.ts'
import type { LaneState } from './lane-state.ts'
import type { PendingRecord } from './pending-record.ts'

/** @param stoppedBy the kind of circuit that stops it. */
export function laneStatus(
  member: string,
  state: LaneState,
  stoppedBy: 'circuit' | 'decode' | null,
): Omit<PartitionStatus, 'behindRetries'> {
  const { intake, window, progress } = state
  const { committed, lastTimestamp } = progress
  const { oldest } = window
  const { topic, partition, supply, backpressure, problem } = intake
  const { endOffset, endKnownAt, stableOffset, position, isCaughtUp, blocked } = intake.end
  // Nothing is queued, but the lane lags: the next record is no older than the last one.
  const unseen = earlier(lastTimestamp ?? blocked?.since ?? null, endKnownAt)
  const hasAll = isCaughtUp && blocked === null
  return {
    topic,
    partition,
    member,
    endOffset,
    endKnownAt,
    stableOffset,
    committedOffset: committed,
    position,
    lag: endOffset === null ? null : Math.max(0, endOffset - committed),
    queueRecords: supply.length,
    queueBytes: supply.bytes,
    inFlight: state.recordsInFlight,
    windowRecords: state.windowRecords,
    windowBytes: window.bytes,
    oldestTakenAt: oldest?.takenAt ?? null,
    oldest: oldest === null ? null : oldestRecord(oldest, state),
    retrying: window.count('waiting'),
    suspects: window.count('suspect'),
    stuck: window.stuck,
    paused: backpressure.isPaused,
    pausedBy: pausedBy(state, stoppedBy),
    problem,
    blockedByTransaction: blocked,
    caughtUp: isCaughtUp,
    replay: progress.replay,
    oldestUnprocessedTime: waitingSince(state) ?? (hasAll ? null : unseen),
  }
}

/**
 * Timestamp of the oldest record that is here and not finished; null: there is none. One that is dated
 * ahead waits since it came: producers and their clocks may be wrong.
 */
function waitingSince({ window, intake, shared }: LaneState): number | null {
  const { clock } = shared.parts
  const { lowest } = window
  if (lowest !== null) {
    return Math.min(lowest.timestamp, clock.now() - (clock.monotonic() - lowest.takenAt))
  }
  const { next } = intake.supply
  return next === null ? null : Math.min(next.timestamp, next.cameAt)
}

function earlier(time: number | null, other: number | null): number | null {
  return time === null || other === null ? time : Math.min(time, other)
}

/** The status of a partition without a lane, because its start offset is unknown. */
export function waitingStatus(
  member: string,
  { topic, partition }: TopicPartition,
  problem: PartitionProblem,
): PartitionStatus {
  return {
    topic,
    partition,
    member,
    endOffset: null,
    endKnownAt: null,
    stableOffset: null,
    committedOffset: null,
    position: null,
    lag: null,
    queueRecords: 0,
    queueBytes: 0,
    inFlight: 0,
    windowRecords: 0,
    windowBytes: 0,
    oldestTakenAt: null,
    oldest: null,
    retrying: 0,
    behindRetries: 0,
    suspects: 0,
    stuck: 0,
    paused: false,
    pausedBy: 'fetch',
    problem,
    blockedByTransaction: null,
    caughtUp: false,
    replay: null,
    oldestUnprocessedTime: null,
  }
}

/** Of a batch that a worker has, only the first offset is known here. */
function oldestRecord(
  oldest: PendingRecord | WholeBatch,
  { intake: { topic, partition }, processor }: LaneState,
): OldestRecord {
  const handlersOf = (offset: number) => processor.handling?.({ topic, partition, offset }) ?? []
  if ('batch' in oldest) {
    const offset = oldest.batch.from
    const handlers = handlersOf(offset)
    return { offset, attempt: 1, state: 'running', handlers, handler: null, code: null }
  }
  const { offset, attempts, state, failure } = oldest
  const isOver = state === 'suspect' || state === 'dead-lettering'
  return {
    offset,
    attempt: Math.max(1, isOver ? attempts : attempts + 1),
    state,
    handlers: state === 'running' ? handlersOf(offset) : [],
    handler: failure?.handler ?? null,
    code: failure?.error.code ?? null,
  }
}

function pausedBy(
  { awaited, intake, letters, hasRoom, shared }: LaneState,
  stoppedBy: 'circuit' | 'decode' | null,
): PauseReason | null {
  const { backpressure, problem } = intake
  if (backpressure.isHeld) return shared.holds.isKnown ? 'operator' : 'pauses'
  if (stoppedBy !== null) return stoppedBy
  if (awaited.holds) return 'schema'
  if (letters.stuck !== null) return letters.stuck
  if (!hasRoom) return 'window'
  if (problem !== null) return problem.reason === 'corrupt' ? 'corrupt' : 'fetch'
  return backpressure.isPaused ? 'queue' : null
}
