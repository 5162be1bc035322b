import { hostname } from 'node:os'
import type { partitionLags } from '../../group/partition-lag.ts'
import type { GroupProgress } from '../../group/types.ts'
import { pauseReport } from '../../kernel/shapes/pause-report.ts'
import { byPlace, onceInGroup } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type {
  CertificateSource,
  GroupReport,
  Meters,
  OfGroup,
  ScalingReportSource,
  ServiceStatus,
  StatusSource,
} from '../types.ts'
import { conditionsOf } from './conditions/conditions.ts'
import type { Situation } from './conditions/situation.ts'
import { createSamples, SAMPLE_INTERVAL, type Sample } from './history.ts'
import { numbersOf } from './numbers.ts'
import { keyOf, podsOf, withTold } from './other-pods.ts'
import { createPartitionWords } from './partition-words.ts'
import { certificatesOf, groupOf, handlersOf, loadOf, sinksOf } from './parts.ts'
import { type Tally, tallyOf } from './tally.ts'
import type { OtherPods, Overview, OverviewSource, PartitionOverview, PodReport } from './types.ts'

export interface OverviewParts {
  readonly version: string
  /** Name of the consumer group of the service. */
  readonly group: string
  readonly meters: Meters
  readonly status: StatusSource
  readonly scaling: ScalingReportSource
  readonly certificates: CertificateSource
  /** What the brokers said of each group of this process. */
  progress(): ReadonlyArray<OfGroup & { readonly progress: GroupProgress | null }>
  readiness(status: ServiceStatus): { readonly ready: boolean }
  readonly partitionLags: typeof partitionLags
  /** `lag.interval`, milliseconds. */
  readonly lagInterval: number
  /** Absent: nothing is known of other pods. */
  readonly pods?: OtherPods
  readonly clock: Clock
}

/** Keeps the history, and makes the overview of it. */
export interface OverviewKeeper extends OverviewSource {
  /** Takes a sample; `start` does it at intervals. */
  sample(): void
  start(): void
  stop(): void
}

const NO_PODS: readonly PodReport[] = []

/** Milliseconds for which an overview is as good as new, and over which rates are averaged. */
const FRESH = 1_000
const WINDOW = 60_000

export function createOverview(parts: OverviewParts): OverviewKeeper {
  const { meters, status: source, scaling, certificates, clock } = parts
  const words = createPartitionWords(parts.partitionLags, parts.lagInterval)
  let tallies: readonly Tally[] = [tallyOf(meters, clock.monotonic())]
  const samples = createSamples(read().sample)
  const reports = () => parts.pods?.reports() ?? NO_PODS
  let latest: {
    readonly at: number
    readonly reports: readonly PodReport[]
    readonly overview: Overview
  } | null = null
  let timer: NodeJS.Timeout | undefined

  /** Everything of one moment. */
  function read() {
    const [now, monotonic] = [clock.now(), clock.monotonic()]
    const status = source.status()
    const own = onceInGroup(status.partitions)
    const partitions = words.words(own, monotonic, now)
    const tally = tallyOf(meters, monotonic)
    const before = tallies[0] ?? tally
    const numbers = numbersOf(partitions, before, tally)
    const sample: Sample = { now, monotonic, counts: tally.counts, numbers }
    return { now, status, own, partitions, tally, before, numbers, sample }
  }

  function sample(): void {
    const { own, tally, sample: taken } = read()
    words.look(own, taken.monotonic)
    tallies = [...tallies.filter(({ at }) => at >= taken.monotonic - WINDOW), tally]
    samples.add(taken)
    latest = null
  }

  function make(others: readonly PodReport[]): Overview {
    const { now, status, own, partitions, tally, before, numbers, sample: current } = read()
    const groups = groupsOf(scaling, parts.group)
    const byName = new Map(partitions.map((each) => [keyOf(each), each]))
    const readiness = parts.readiness(status)
    const found = certificates.certificates()
    const situation: Situation = {
      ...{ now, status, numbers, groups },
      partitions: own.flatMap((each) => {
        const overview = byName.get(keyOf(each))
        return overview === undefined ? [] : [{ ...each, overview }]
      }),
      certificates: found,
      sinks: meters.sinks,
      hanging: new Map(Array.from(meters.handlers, ([name, { hanging }]) => [name, hanging])),
      counts: tally.counts,
      grown: (count, within) => samples.grown(count, current, within),
      grewAt: (count) => samples.grewAt(count),
    }
    const targets = [...meters.deadLetters.values()]
    return {
      version: 1,
      at: new Date(now).toISOString(),
      service: {
        ...{ version: parts.version, pod: hostname(), group: parts.group },
        state: status.state,
        startedAt: new Date(status.startedAt).toISOString(),
        ready: readiness.ready,
      },
      ...conditionsOf(situation),
      numbers,
      history: samples.history(),
      partitions: withTold(withOthers(partitions, parts.progress()), others, now).toSorted(byPlace),
      pauses: status.pauses.map(pauseReport),
      pausesAgeSeconds: status.pausesAge === undefined ? null : status.pausesAge / 1000,
      load: loadOf(status),
      handlers: handlersOf(tally, before, status.circuits, meters.handlers),
      sinks: sinksOf(tally, before, meters.sinks),
      letters: {
        kept: targets.reduce((sum, { kept, fallback }) => sum + kept + fallback, 0),
        waiting: targets.reduce((sum, { waiting }) => sum + waiting, 0),
        kinds: targets.flatMap(({ kinds }) => kinds.kinds()),
      },
      groups: groups.map(groupOf),
      pods: podsOf(others, now),
      members: status.members.map(({ lastTurn: _, ...member }) => member),
      advice: scaling.report().advice,
      certificates: certificatesOf(found, now),
      config: status.config,
    }
  }

  return {
    sample,
    overview() {
      const at = clock.monotonic()
      const others = reports()
      const isFresh = latest !== null && at - latest.at < FRESH && latest.reports === others
      if (latest === null || !isFresh) latest = { at, reports: others, overview: make(others) }
      return latest.overview
    },
    start() {
      timer = setInterval(sample, SAMPLE_INTERVAL).unref()
    },
    stop: () => clearInterval(timer),
  }
}

function groupsOf(scaling: ScalingReportSource, id: string): readonly GroupReport[] {
  return scaling.groups?.() ?? [{ id, isOwn: false, report: scaling.report() }]
}

/** All partitions of the groups, as far as their topics are known. */
function withOthers(
  own: readonly PartitionOverview[],
  groups: ReturnType<OverviewParts['progress']>,
): readonly PartitionOverview[] {
  const all = new Map(own.map((each) => [keyOf(each), each]))
  for (const { progress, ...ofGroup } of groups) {
    for (const [topic, count] of Object.entries(progress?.partitionsByTopic ?? {})) {
      for (let partition = 0; partition < count; partition++) {
        const each = { ...ofGroup, topic, partition, word: 'not mine' as const, facts: null }
        if (!all.has(keyOf(each))) all.set(keyOf(each), each)
      }
    }
  }
  return [...all.values()]
}
