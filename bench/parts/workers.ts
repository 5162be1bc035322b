// Handling in worker threads beside handling in the main thread, for a handler that hashes for 2 ms,
// and for decoding alone (LZ4 and JSON).
import { table } from '../../src/cli/terminal.ts'
import { hash } from '../contestants/handlers/hash.ts'
import type { Report } from '../contestants/measure.ts'
import { type Contestant, runInTurns, service } from '../contestants.ts'
import { cpuOf, median, type Reports, rateOf, times, type Verdict } from '../report.ts'

export interface WorkersOptions {
  readonly brokers: string
  readonly turns: number
  /** With so many messages in it at least. */
  readonly topic: string
  /** Messages to be hashed; 0: this comparison is left out. */
  readonly hashed: number
  readonly decoded: number
}

/** MiB that all threads together may have. */
const MOST_RESIDENT = 500

export async function compareWorkers(options: WorkersOptions): Promise<readonly Verdict[]> {
  const { hashed, decoded } = options
  const verdicts: Verdict[] = []
  if (hashed > 0) {
    const hashing = { handler: 'hashing.ts', options: { rounds: calibrate() } }
    verdicts.push(...(await compare(options, 'a handler hashes for 2 ms', hashed, 1.6, hashing)))
  }
  if (decoded > 0) {
    verdicts.push(...(await compare(options, 'LZ4 and JSON are decoded', decoded, 1.4, {})))
  }
  return verdicts
}

async function compare(
  { brokers, turns, topic }: WorkersOptions,
  what: string,
  count: number,
  least: number,
  handler: { readonly handler?: string; readonly options?: Readonly<Record<string, unknown>> },
): Promise<readonly Verdict[]> {
  const [inline, workers, auto] = (['0', '2', 'auto'] as const).map((number) =>
    service({ name: `workers: ${number}`, ...handler, processing: { workers: number } }),
  )
  if (inline === undefined || workers === undefined || auto === undefined) return []
  const reports = await runInTurns([inline, workers, auto], turns, { brokers, topic, count })
  print(`${count} messages of 3.6 kB, ${what}; medians of ${turns} runs in turns`, reports)
  const gains = gainsOf(reports.get(inline) ?? [], reports.get(workers) ?? [])
  const memory = Math.max(...(reports.get(workers) ?? []).map(({ residentMiB }) => residentMiB))
  return [
    {
      what: `${what}: 2 workers, to the main thread`,
      target: `>= ${least} x`,
      measured: `${gains.rate.toFixed(2)} x (by CPU times ${gains.free.toFixed(2)} x)`,
      reached: gains.rate >= least,
    },
    {
      what: `${what}: memory with 2 workers`,
      target: `< ${MOST_RESIDENT} MiB`,
      measured: `${Math.round(memory)} MiB`,
      reached: memory < MOST_RESIDENT,
    },
  ]
}

/** Rounds of hashing that take 2 ms of CPU here, whoever else uses it now. */
function calibrate(): number {
  hash(20_000, 'warm up')
  const before = process.cpuUsage()
  hash(20_000, 'measure')
  const { user, system } = process.cpuUsage(before)
  return Math.round((20_000 * 2_000) / (user + system))
}

/** Of each turn by itself: its two runs had the same neighbours. */
function gainsOf(before: readonly Report[], after: readonly Report[]) {
  const gain = (of: (report: Report) => number) =>
    median(after.map((report, turn) => of(report) / of(before[turn] ?? report)))
  return { rate: gain(({ records, seconds }) => records / seconds), free: gain(freeRate) }
}

/**
 * Records a second that its CPU times allow on two cores that nobody else uses: none of its threads
 * can be in two places, and all of them have two cores. On a machine that others use too, this is the
 * figure to look at.
 */
function freeRate({ records, cpuSeconds, busiestSeconds = Number.NaN }: Report): number {
  return records / Math.max(busiestSeconds, cpuSeconds / 2)
}

function print(title: string, reports: Reports): void {
  const [inline] = reports.keys()
  const inlineRate = inline === undefined ? Number.NaN : rateOf(reports, inline)
  const free = (one: Contestant | undefined) =>
    median((one === undefined ? [] : (reports.get(one) ?? [])).map(freeRate))
  const rows = [...reports].map(([one, runs]) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    times(rateOf(reports, one), inlineRate),
    cpuOf(runs).toFixed(1),
    Math.round(free(one)).toString(),
    times(free(one), free(inline)),
    Math.round(Math.max(...runs.map(({ residentMiB }) => residentMiB))).toString(),
  ])
  const header = [
    'way',
    'records/s',
    'of the first',
    'CPU us a record',
    'on 2 free cores',
    'of the first',
    'most resident MiB',
  ]
  console.log(`\n${title}\n\n${table(rows, { header })}\n`)
}
