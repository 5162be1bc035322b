import type {
  History,
  Numbers,
  Overview,
  PartitionFacts,
  PartitionOverview,
  PodOverview,
  Told,
} from '../../src/observe/overview/types.ts'

/** A service that is alone. */
export const noPods = { reports: () => [], look: async () => {} }

export function partitionFacts(changes: Partial<PartitionFacts> = {}): PartitionFacts {
  return {
    endAgeSeconds: 0.4,
    isCurrent: true,
    lag: 20,
    lagSeconds: 1.4,
    secondsUntilLoss: 14_398,
    secondsToDrain: 1,
    inPerSecond: 30,
    outPerSecond: 31,
    end: 120,
    committed: 100,
    position: 110,
    inFlight: 3,
    retrying: 0,
    suspects: 0,
    oldestInFlightSeconds: null,
    oldest: null,
    replay: null,
    pausedBy: null,
    problem: null,
    blockedByTransaction: null,
    member: 'consumer-0',
    ...changes,
  }
}

export function partitionOverview(changes: Partial<PartitionOverview> = {}): PartitionOverview {
  return {
    topic: 'solana.transfers',
    partition: 0,
    word: 'ok',
    facts: partitionFacts(),
    ...changes,
  }
}

/** A partition that another pod has. */
export function toldOverview(changes: Partial<Told> = {}): Told {
  return {
    pod: 'transfers-1',
    address: '10.0.0.7:8080',
    at: '1970-01-01T00:17:38.000Z',
    ageSeconds: 2,
    isCurrent: true,
    word: 'growing',
    facts: partitionFacts({ lag: 900, lagSeconds: 75 }),
    ...changes,
  }
}

export function podOverview(changes: Partial<PodOverview> = {}): PodOverview {
  return {
    pod: 'transfers-1',
    address: '10.0.0.7:8080',
    at: '1970-01-01T00:17:38.000Z',
    ageSeconds: 2,
    partitions: 1,
    problem: null,
    ...changes,
  }
}

export function numbers(changes: Partial<Numbers> = {}): Numbers {
  return {
    lagSeconds: 1.4,
    lagRecords: 20,
    unknownPartitions: 0,
    endAgeSeconds: null,
    inPerSecond: 3_115,
    outPerSecond: 3_120,
    p99Seconds: 2.1,
    secondsUntilLoss: 14_398,
    firstLoss: 'solana.transfers/0',
    secondsToDrain: 1,
    slowest: 'solana.transfers/0',
    lostRecords: 0,
    ...changes,
  }
}

export function history(changes: Partial<History> = {}): History {
  return {
    interval: 5,
    at: [1_050_000, 1_055_000, 1_060_000],
    lagSeconds: [1, null, 1.4],
    inPerSecond: [3_000, 3_100, 3_115],
    outPerSecond: [3_000, 3_090, 3_120],
    p99Seconds: [2, 2, 2.1],
    secondsUntilLoss: [14_398, 14_398, 14_398],
    rebalances: [0, 1, 0],
    ...changes,
  }
}

/** A service that keeps up, with one partition of two. */
export function overview(changes: Partial<Overview> = {}): Overview {
  return {
    version: 1,
    at: '1970-01-01T00:17:40.000Z',
    service: {
      version: '1.2.3',
      pod: 'transfers-0',
      group: 'transfers',
      state: 'running',
      startedAt: '1970-01-01T00:00:00.000Z',
      ready: true,
    },
    sentence: {
      name: 'keeping-up',
      level: 'ok',
      text: 'Keeping up: 1.4 s behind, 3,120 records/s, nothing lost',
      chapter: null,
    },
    notes: [],
    numbers: numbers(),
    history: history(),
    partitions: [
      partitionOverview(),
      partitionOverview({ partition: 1, word: 'not mine', facts: null }),
    ],
    pauses: [],
    pausesAgeSeconds: null,
    load: {
      inFlight: 6,
      concurrency: 64,
      queued: 2_310,
      retrying: 1,
      bufferedBytes: 1_200_000,
      maxBytes: 64_000_000,
    },
    handlers: [
      {
        name: 'whale-alert',
        outcomesPerMinute: { ok: 187_000, skip: 12, retry: 0, later: 0, dead: 0 },
        p99Seconds: 0.004,
        inFlight: 5,
        waiting: 2,
        circuit: 'closed',
        circuitSince: null,
        suspects: 0,
        hanging: 0,
      },
    ],
    sinks: [],
    letters: { kept: 0, waiting: 0, kinds: [] },
    groups: [
      {
        id: 'transfers',
        isOwn: false,
        unknown: null,
        ageSeconds: 2,
        lag: 40,
        partitions: 2,
        members: 2,
        inPerSecond: 6_000,
        outPerSecond: 6_010,
        secondsToDrain: 4,
        hold: null,
      },
    ],
    members: [{ id: 'consumer-0', state: 'joined', generation: 4, reason: null, partitions: 1 }],
    pods: [],
    advice: [],
    certificates: [],
    config: { valid: true, pendingRestart: [] },
    ...changes,
  }
}
