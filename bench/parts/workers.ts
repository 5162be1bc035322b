// Handling in worker threads beside handling in the main thread, for a handler that hashes for 2 ms,
// and for decoding alone (LZ4 and JSON), where a plain Java loop is the line to beat.
import { hash } from '../contestants/handlers/hash.ts'
import type { Report } from '../contestants/measure.ts'
import { type Contestant, type Entrant, type LeftOut, plainJava } from '../contestants.ts'
import { GOALS } from '../goals.ts'
import { baselineOf, type ServiceOptions, service } from '../own.ts'
import {
  below,
  cpuOf,
  gain,
  median,
  mostResident,
  printTable,
  type Reports,
  type Row,
  rateAgainst,
  rateOf,
  split,
  times,
  type Verdict,
} from '../report.ts'
import { runInTurns } from '../run.ts'

export interface WorkersOptions {
  readonly brokers: string
  readonly turns: number
  /** With at least this many messages in it. */
  readonly topic: string
  /** Messages to be hashed; 0: this comparison is left out. */
  readonly hashed: number
  readonly decoded: number
  /** Another checkout of this project. */
  readonly baseline: string | null
}

interface Comparison {
  readonly what: string
  readonly count: number
  /** Times the rate of the main thread. */
  readonly least: number
  readonly handler: Pick<ServiceOptions, 'handler' | 'options'>
  readonly others: readonly Entrant[]
}

/** What `--profile` looks at. */
export const profiledInWorkers: readonly Contestant[] = [withWorkers('2', {})].map(service)

export async function compareWorkers(options: WorkersOptions): Promise<readonly Verdict[]> {
  const { hashed, decoded } = options
  const verdicts: Verdict[] = []
  if (hashed > 0) {
    const hashing = { handler: 'hashing.ts', options: { rounds: calibrate() } }
    const what = 'a handler hashes for 2 ms'
    const least = GOALS.workers.hashing
    const comparison = { what, count: hashed, least, handler: hashing, others: [] }
    verdicts.push(...(await compare(options, comparison)))
  }
  if (decoded > 0) {
    const what = 'LZ4 and JSON are decoded'
    const least = GOALS.workers.decoding
    const others = [await plainJava()]
    const comparison = { what, count: decoded, least, handler: {}, others }
    verdicts.push(...(await compare(options, comparison)))
  }
  return verdicts
}

function withWorkers(workers: string, handler: Comparison['handler']): ServiceOptions {
  return { name: `workers: ${workers}`, ...handler, processing: { workers } }
}

async function compare(
  { brokers, turns, topic, baseline }: WorkersOptions,
  { what, count, least, handler, others }: Comparison,
): Promise<readonly Verdict[]> {
  const inline = service(withWorkers('0', handler))
  const workers = service(withWorkers('2', handler))
  const auto = service(withWorkers('auto', handler))
  const before = baseline === null ? [] : [baselineOf(baseline, withWorkers('2', handler))]
  const { present, leftOut } = split(others)
  const contestants = [inline, workers, auto, ...before, ...present]
  const reports = await runInTurns(contestants, turns, { brokers, topic, count })
  print(`${count} messages of 3.6 kB, ${what}; medians of ${turns} runs in turns`, reports, leftOut)
  const row: Row = { name: `${what}: 2 workers`, contestant: workers }
  const gained = rateAgainst(reports, row, inline, least)
  const free = gain(reports, workers, inline, freeRate)
  return [
    { ...gained, measured: `${gained.measured}, by CPU times ${times(free)}` },
    ...others.map((other) => rateAgainst(reports, row, other, GOALS.workers.ofPlainJava)),
    ...before.map((other) => rateAgainst(reports, row, other, GOALS.ofBaseline)),
    ...(handler.handler === undefined ? [mainVerdict(row, reports)] : []),
    below(
      `${row.name}: most memory`,
      mostResident(reports, workers),
      GOALS.workers.belowMiB,
      'MiB',
    ),
  ]
}

/** Rounds of hashing that take 2 ms of CPU time on this machine. */
function calibrate(): number {
  hash(20_000, 'warm up')
  const before = process.cpuUsage()
  hash(20_000, 'measure')
  const { user, system } = process.cpuUsage(before)
  return Math.round((20_000 * 2_000) / (user + system))
}

/**
 * Records a second that its CPU times allow on two cores that nobody else uses: none of its threads
 * can be in two places, and all of them have two cores. On a machine that others use too, this is the
 * figure to look at. NaN where threads were not looked at.
 */
function freeRate({ records, cpuSeconds, busiestSeconds = Number.NaN }: Report): number {
  return records / Math.max(busiestSeconds, cpuSeconds / 2)
}

/** CPU microseconds a record of the main thread, NaN where threads were not looked at. */
function mainMicros({ records, mainSeconds = Number.NaN }: Report): number {
  return (mainSeconds / records) * 1e6
}

function mainVerdict({ name, contestant }: Row, reports: Reports): Verdict {
  const value = median((reports.get(contestant) ?? []).map(mainMicros))
  const { mostMainMicros } = GOALS.workers
  return {
    what: `${name}: main thread, CPU a record`,
    target: `<= ${mostMainMicros} us`,
    measured: `${micros(value)} us`,
    reached: value <= mostMainMicros,
  }
}

function micros(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(1)
}

function print(title: string, reports: Reports, leftOut: readonly LeftOut[]): void {
  const [inline] = reports.keys()
  const rows = [...reports].map(([one, runs]) => {
    const free = median(runs.map(freeRate))
    const looked = !Number.isNaN(free) && inline !== undefined
    return [
      one.name,
      Math.round(rateOf(reports, one)).toString(),
      inline === undefined ? '-' : times(gain(reports, one, inline)),
      cpuOf(runs).toFixed(1),
      micros(median(runs.map(mainMicros))),
      looked ? Math.round(free).toString() : '-',
      looked ? times(gain(reports, one, inline, freeRate)) : '-',
      Math.round(mostResident(reports, one)).toString(),
    ]
  })
  const header = [
    'way',
    'records/s',
    'of the first',
    'CPU us a record',
    'main thread us',
    'on 2 free cores',
    'of the first',
    'most resident MiB',
  ]
  printTable(title, header, rows, leftOut)
}
