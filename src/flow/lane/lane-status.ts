import type { PartitionProblem } from '../../broker/types.ts'
import type { TopicPartition } from '../../kernel/record.ts'
import type { PartitionStatus, PauseReason } from '../../observe/types.ts'
import type { Intake } from '../intake/intake.ts'
import type { InFlightWindow } from './in-flight-window.ts'
import type { Progress } from './progress.ts'

/** What a lane knows about itself beyond its parts. */
export interface LaneView {
  readonly windowRecords: number
  readonly hasWindowRoom: boolean
  readonly inFlight: number
  /** The kind of circuit that stops it. */
  readonly stoppedBy: 'circuit' | 'decode' | null
  readonly isDeadLetterStuck: boolean
}

export function laneStatus(
  member: string,
  intake: Intake,
  { committed, lastTimestamp }: Progress,
  window: InFlightWindow,
  view: LaneView,
): PartitionStatus {
  const { topic, partition, supply, backpressure, problem } = intake
  const { endOffset, stableOffset, position, isCaughtUp, blocked } = intake.end
  const waiting = window.lowestTimestamp ?? supply.nextTimestamp
  // Nothing is queued, but the lane lags: the next record is no older than the last one.
  const unseen = lastTimestamp ?? blocked?.since ?? null
  const hasAll = isCaughtUp && blocked === null
  return {
    topic,
    partition,
    member,
    endOffset,
    stableOffset,
    committedOffset: committed,
    position,
    lag: endOffset === null ? null : Math.max(0, endOffset - committed),
    queueRecords: supply.length,
    queueBytes: supply.bytes,
    inFlight: view.inFlight,
    windowRecords: view.windowRecords,
    windowBytes: window.bytes,
    oldestTakenAt: window.oldestTakenAt,
    retrying: window.count('waiting'),
    behindRetries: 0,
    suspects: window.count('suspect'),
    stuck: window.stuck,
    paused: backpressure.isPaused,
    pausedBy: pausedBy(intake, view),
    problem,
    blockedByTransaction: blocked,
    caughtUp: isCaughtUp,
    oldestUnprocessedTime: waiting ?? (hasAll ? null : unseen),
  }
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
    retrying: 0,
    behindRetries: 0,
    suspects: 0,
    stuck: 0,
    paused: false,
    pausedBy: 'fetch',
    problem,
    blockedByTransaction: null,
    caughtUp: false,
    oldestUnprocessedTime: null,
  }
}

function pausedBy({ backpressure, problem }: Intake, view: LaneView): PauseReason | null {
  if (backpressure.isHeld) return 'operator'
  if (view.stoppedBy !== null) return view.stoppedBy
  if (view.isDeadLetterStuck) return 'dead-letters'
  if (!view.hasWindowRoom) return 'window'
  if (problem !== null) return problem.reason === 'corrupt' ? 'corrupt' : 'fetch'
  return backpressure.isPaused ? 'queue' : null
}
