import type { OldestRecord } from '../../../../src/kernel/shapes/oldest-record.ts'
import { conditionsOf } from '../../../../src/observe/overview/conditions/conditions.ts'
import type { Situation } from '../../../../src/observe/overview/conditions/situation.ts'
import type { Counts } from '../../../../src/observe/overview/tally.ts'
import type { PartitionFacts, PartitionWord } from '../../../../src/observe/overview/types.ts'
import type { PartitionStatus, ServiceStatus } from '../../../../src/observe/types.ts'
import { numbers, partitionFacts } from '../../../support/overview.ts'
import { partitionStatus, scalingReportOf, serviceStatus } from '../../../support/status.ts'

/** 14:10 UTC. */
export const NOW = Date.UTC(2026, 10, 28, 14, 10)
export const AT_1402 = NOW - 8 * 60_000

const NOTHING: Counts = {
  finished: 0,
  lost: 0,
  cut: 0,
  dead: 0,
  rebalances: 0,
  failedCommits: 0,
  letterErrors: 0,
  throttledSeconds: 0,
  workersReplaced: 0,
  strays: 0,
  droppedLines: 0,
}

/** A partition with its word. */
export function part(
  partition: number,
  word: PartitionWord = 'ok',
  status: Partial<PartitionStatus> = {},
  facts: Partial<PartitionFacts> = {},
): Situation['partitions'][number] {
  const own = partitionStatus({ topic: 't', partition, ...status })
  const overview = { topic: 't', partition, word, facts: partitionFacts(facts) }
  return { ...own, overview }
}

/** The oldest record of a partition, in its first attempt. */
export const inHandlers = (...handlers: readonly string[]): OldestRecord => ({
  ...{ offset: 100, attempt: 1, state: 'running' },
  ...{ handlers, handler: null, code: null },
})

export interface Changes
  extends Partial<Omit<Situation, 'status' | 'counts' | 'grown' | 'grewAt'>> {
  readonly status?: Partial<ServiceStatus>
  readonly counts?: Partial<Counts>
  /** How much each count has grown, within any time. */
  readonly grown?: Partial<Counts>
  readonly grewAt?: Partial<Counts>
}

/** A service that keeps up with two partitions, alone in its group. */
export function situation({ status, counts, grown, grewAt, ...changes }: Changes = {}): Situation {
  return {
    now: NOW,
    status: serviceStatus({ circuits: [], ...status }),
    partitions: [part(0), part(1)],
    numbers: numbers({ firstLoss: 't/7', secondsUntilLoss: 3_120 }),
    groups: [
      { id: 'transfers', isOwn: false, report: scalingReportOf({ partitions: 2, lag: 40 }) },
    ],
    certificates: [],
    sinks: new Map(),
    hanging: new Map(),
    counts: { ...NOTHING, ...counts },
    grown: (count) => grown?.[count] ?? 0,
    grewAt: (count) => grewAt?.[count] ?? null,
    ...changes,
  }
}

export const told = (changes: Changes = {}) => conditionsOf(situation(changes))
