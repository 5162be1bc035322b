import type { Pause, PauseFacts, PauseTarget } from '../../src/kernel/shapes/pause-target.ts'
import type {
  CircuitStatus,
  MemberStatus,
  PartitionStatus,
  ScalingReport,
  ServiceStatus,
} from '../../src/observe/types.ts'

export function partitionStatus(changes: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    topic: 'solana.transfers',
    partition: 0,
    member: 'consumer-0',
    endOffset: 120,
    endKnownAt: 1_050_000,
    stableOffset: 120,
    committedOffset: 100,
    position: 110,
    lag: 20,
    queueRecords: 7,
    queueBytes: 7000,
    inFlight: 3,
    windowRecords: 5,
    windowBytes: 5000,
    oldestTakenAt: null,
    oldest: null,
    retrying: 0,
    behindRetries: 0,
    suspects: 0,
    stuck: 0,
    paused: false,
    pausedBy: null,
    problem: null,
    blockedByTransaction: null,
    caughtUp: false,
    replay: null,
    oldestUnprocessedTime: 1_000_000,
    retentionHeadroom: 7_200_000,
    ...changes,
  }
}

export function memberStatus(changes: Partial<MemberStatus> = {}): MemberStatus {
  return {
    id: 'consumer-0',
    state: 'joined',
    generation: 4,
    partitions: 1,
    reason: null,
    lastTurn: 0,
    ...changes,
  }
}

export function circuitStatus(changes: Partial<CircuitStatus> = {}): CircuitStatus {
  return {
    handler: 'whale-alert',
    state: 'closed',
    openedAt: null,
    openings: 0,
    failuresInRow: 0,
    suspects: 0,
    topic: null,
    problem: null,
    ...changes,
  }
}

/** A pause by an operator, without an end. */
export function pauseOf(target: PauseTarget, facts: Partial<PauseFacts> = {}): Pause {
  return { ...target, by: 'alice', since: 1_000, until: null, reason: null, ...facts }
}

/** A running service with one joined member that has one partition. */
export function serviceStatus(changes: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    state: 'running',
    startedAt: 0,
    members: [memberStatus()],
    partitions: [partitionStatus()],
    circuits: [circuitStatus({ openings: 2 })],
    load: { inFlight: 0, concurrency: 100, bufferedBytes: 12_000, maxBytes: 134_217_728 },
    pauses: [],
    config: { valid: true, pendingRestart: [] },
    ...changes,
  }
}

export type KnownReport = Extract<ScalingReport, { known: true }>

/** A group of three members that falls behind by nothing. */
export function scalingReportOf(changes: Partial<KnownReport> = {}): KnownReport {
  return {
    known: true,
    at: 1_058_000,
    ageSeconds: 2,
    lag: 600,
    partitions: 12,
    members: 3,
    replicas: 3,
    consumeRate: 30,
    produceRate: 20,
    secondsToDrain: 60,
    wantedReplicas: 6,
    scalingLag: 600,
    hold: null,
    advice: [],
    ...changes,
  }
}
