import type {
  CertificateStatus,
  CircuitStatus,
  GroupReport,
  HandlerMeter,
  PartitionStatus,
  ServiceStatus,
  SinkMeter,
} from '../types.ts'
import { p99, type Tally } from './tally.ts'
import type {
  GroupOverview,
  HandlerOverview,
  LoadOverview,
  Overview,
  SinkOverview,
} from './types.ts'

const DAY = 86_400_000

/** @param before what was counted a minute ago @param now the same now */
export function handlersOf(
  now: Tally,
  before: Tally,
  circuits: readonly CircuitStatus[],
  meters: ReadonlyMap<string, HandlerMeter>,
): readonly HandlerOverview[] {
  const ofHandlers = circuits.filter(({ topic, handler }) => topic === null && handler !== '')
  const names = new Set([...ofHandlers.map(({ handler }) => handler), ...now.handlers.keys()])
  const perMinute = minutely(before, now)
  return [...names].toSorted().map((name) => {
    const circuit = ofHandlers.find(({ handler }) => handler === name)
    const [was, is] = [before.handlers.get(name), now.handlers.get(name)]
    const rate = (outcome: keyof HandlerMeter['outcomes']) =>
      perMinute(was?.outcomes[outcome] ?? 0, is?.outcomes[outcome] ?? 0) ?? 0
    return {
      name,
      outcomesPerMinute:
        perMinute(0, 0) === null
          ? null
          : {
              ...{ ok: rate('ok'), skip: rate('skip'), retry: rate('retry') },
              ...{ later: rate('later'), dead: rate('dead') },
            },
      p99Seconds: p99(was?.calls, is?.calls),
      circuit: circuit?.state ?? 'closed',
      circuitSince: circuit?.openedAt == null ? null : new Date(circuit.openedAt).toISOString(),
      suspects: circuit?.suspects ?? 0,
      inFlight: meters.get(name)?.inFlight ?? 0,
      waiting: meters.get(name)?.waiting ?? 0,
      hanging: meters.get(name)?.hanging ?? 0,
    }
  })
}

export function loadOf({ load, partitions }: ServiceStatus): LoadOverview {
  const { inFlight, concurrency, bufferedBytes, maxBytes } = load
  const sum = (count: (each: PartitionStatus) => number) =>
    partitions.reduce((total, each) => total + count(each), 0)
  const queued = sum(({ queueRecords }) => queueRecords)
  const retrying = sum((each) => each.retrying)
  return { inFlight, concurrency, queued, retrying, bufferedBytes, maxBytes }
}

/** @param before what was counted a minute ago @param now the same now */
export function sinksOf(
  now: Tally,
  before: Tally,
  meters: ReadonlyMap<string, SinkMeter>,
): readonly SinkOverview[] {
  const perMinute = minutely(before, now)
  return Array.from(meters, ([name, { up, waiting }]) => {
    const [was, is] = [before.sinks.get(name), now.sinks.get(name)]
    return {
      name,
      up: up === 1,
      waiting,
      valuesPerMinute: perMinute(was?.values ?? 0, is?.values ?? 0),
      errorsPerMinute: perMinute(was?.errors ?? 0, is?.errors ?? 0),
      p99Seconds: p99(was?.writes, is?.writes),
    }
  })
}

/** null: no time has passed. */
function minutely(before: Tally, now: Tally): (was: number, is: number) => number | null {
  const minutes = (now.at - before.at) / 60_000
  return (was, is) => (minutes <= 0 ? null : (is - was) / minutes)
}

export function groupOf({ id, isOwn, report }: GroupReport): GroupOverview {
  if (!report.known) {
    return {
      ...{ id, isOwn, unknown: report.reason, ageSeconds: null, lag: null, partitions: null },
      ...{ members: null, inPerSecond: null, outPerSecond: null, secondsToDrain: null, hold: null },
    }
  }
  const { ageSeconds, lag, partitions, members, secondsToDrain, hold } = report
  return {
    ...{ id, isOwn, unknown: null, ageSeconds, lag, partitions, members, secondsToDrain, hold },
    inPerSecond: report.produceRate,
    outPerSecond: report.consumeRate,
  }
}

export function certificatesOf(
  certificates: readonly CertificateStatus[],
  now: number,
): Overview['certificates'] {
  return certificates.map(({ name, subject, notAfter }) => ({
    ...{ name, subject },
    notAfter: new Date(notAfter).toISOString(),
    daysLeft: Math.floor((notAfter - now) / DAY),
  }))
}
