import { table } from '../src/cli/terminal/terminal.ts'
import type { Report } from './contestants/measure.ts'
import type { Contestant, Entrant, LeftOut } from './contestants.ts'

/** What is asked for, and what was measured. */
export interface Verdict {
  readonly what: string
  readonly target: string
  readonly measured: string
  /** null: nothing is asked for, or it could not be measured. */
  readonly reached: boolean | null
}

export type Reports = ReadonlyMap<Contestant, readonly Report[]>

/** A contestant, and what the closing table calls it. */
export interface Row {
  readonly name: string
  readonly contestant: Contestant
}

/** Of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

const recordsPerSecond = ({ records, seconds }: Report) => records / seconds
const cpuPerRecord = ({ cpuSeconds, records }: Report) => (cpuSeconds / records) * 1e6

/** Records a second, the median of its runs. */
export function rateOf(reports: Reports, contestant: Contestant): number {
  return median((reports.get(contestant) ?? []).map(recordsPerSecond))
}

/** Microseconds of CPU a record, all threads. */
export function cpuOf(runs: readonly Report[]): number {
  return median(runs.map(cpuPerRecord))
}

/** Of all runs. */
export function mostResident(reports: Reports, contestant: Contestant): number {
  return Math.max(...(reports.get(contestant) ?? []).map(({ residentMiB }) => residentMiB))
}

/** The median of the turns' ratios: the two runs of a turn had the same neighbours. */
export function gain(
  reports: Reports,
  one: Contestant,
  other: Contestant,
  of: (report: Report) => number = recordsPerSecond,
): number {
  const others = reports.get(other) ?? []
  const ratios = (reports.get(one) ?? []).map((report, turn) => {
    const beside = others[turn]
    return beside === undefined ? Number.NaN : of(report) / of(beside)
  })
  return median(ratios)
}

export function times(one: number, other = 1): string {
  return `${(one / other).toFixed(2)} x`
}

/** Records a second of a row of ours to those of another; without `least` nothing is asked for. */
export function rateAgainst(reports: Reports, own: Row, entrant: Entrant, least?: number): Verdict {
  const what = `${own.name}: ${entrant.name}`
  const target = least === undefined ? '-' : `>= ${least} x`
  if ('why' in entrant) return { what, target, measured: entrant.why, reached: null }
  const ratio = gain(reports, own.contestant, entrant)
  const rates = [own.contestant, entrant].map((one) => `${Math.round(rateOf(reports, one))}/s`)
  const measured = `${times(ratio)} (${rates.join(', ')})`
  return { what, target, measured, reached: least === undefined ? null : ratio >= least }
}

/** CPU time a record of a row of ours to that of another. */
export function cpuAgainst(reports: Reports, own: Row, other: Contestant, most: number): Verdict {
  const ratio = gain(reports, own.contestant, other, cpuPerRecord)
  const both = [own.contestant, other].map((one) => cpuOf(reports.get(one) ?? []).toFixed(1))
  return {
    what: `${own.name}: CPU a record, to ${other.name}`,
    target: `<= ${most} x`,
    measured: `${times(ratio)} (${both.join(' us, ')} us)`,
    reached: ratio <= most,
  }
}

/** A figure that must not reach this one. */
export function below(what: string, value: number, limit: number, unit: string): Verdict {
  const measured = `${Math.round(value)} ${unit}`
  return { what, target: `< ${limit} ${unit}`, measured, reached: value < limit }
}

/** One comparison; below its rows those that could not take part, with the reason. */
export function printTable(
  title: string,
  header: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  leftOut: readonly LeftOut[] = [],
): void {
  const missing = leftOut.map(({ name, why }) => `\n${name}: ${why}`)
  console.log(`\n${title}\n\n${table(rows, { header })}${missing.join('')}\n`)
}

/** The one table at the end. */
export function printVerdicts(verdicts: readonly Verdict[]): void {
  const rows = verdicts.map(({ what, target, measured, reached }) => [
    what,
    target,
    measured,
    reached === null ? '-' : reached ? 'yes' : 'missed',
  ])
  console.log(`\n${table(rows, { header: ['what', 'target', 'measured', 'reached'] })}`)
}

export function split(entrants: readonly Entrant[]) {
  const present: Contestant[] = []
  const leftOut: LeftOut[] = []
  for (const one of entrants) {
    if ('why' in one) leftOut.push(one)
    else present.push(one)
  }
  return { present, leftOut }
}
