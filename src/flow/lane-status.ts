import type { TopicPartition } from '../kernel/record.ts'
import type { PartitionStatus, PauseReason } from '../observe/types.ts'
import type { Window } from './window.ts'

/** What a lane knows of itself, beside its window. */
export interface LaneView extends TopicPartition {
  readonly endOffset: number | null
  readonly committed: number
  readonly position: number
  readonly queueRecords: number
  readonly queueBytes: number
  readonly windowRecords: number
  readonly inFlight: number
  readonly isPaused: boolean
  readonly pausedBy: PauseReason | null
  readonly isCaughtUp: boolean
  /** Timestamps: of the next record of the queue, and of the last one that finished. */
  readonly nextTimestamp: number | null
  readonly lastTimestamp: number | null
}

export function laneStatus(member: string, lane: LaneView, window: Window): PartitionStatus {
  const { endOffset, committed } = lane
  const waiting = window.lowest()?.record.timestamp ?? lane.nextTimestamp
  return {
    topic: lane.topic,
    partition: lane.partition,
    member,
    endOffset,
    committedOffset: committed,
    position: lane.position,
    lag: endOffset === null ? null : Math.max(0, endOffset - committed),
    queueRecords: lane.queueRecords,
    queueBytes: lane.queueBytes,
    inFlight: lane.inFlight,
    windowRecords: lane.windowRecords,
    windowBytes: window.bytes,
    oldestTakenAt: window.oldestTakenAt,
    retrying: window.count('waiting'),
    suspects: window.count('suspect'),
    stuck: window.stuck,
    paused: lane.isPaused,
    pausedBy: lane.pausedBy,
    caughtUp: lane.isCaughtUp,
    // Nothing at hand but behind: what is next is no older than what was last.
    oldestUnprocessedTime: waiting ?? (lane.isCaughtUp ? null : lane.lastTimestamp),
  }
}
