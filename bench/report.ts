import { table } from '../src/cli/terminal.ts'
import type { Report } from './contestants/measure.ts'
import type { Contestant } from './contestants.ts'

/** What is asked for, and what was measured. */
export interface Verdict {
  readonly what: string
  readonly target: string
  readonly measured: string
  readonly reached: boolean
}

export type Reports = ReadonlyMap<Contestant, readonly Report[]>

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Records a second, the median of its runs. */
export function rateOf(reports: Reports, contestant: Contestant): number {
  const runs = reports.get(contestant) ?? []
  return median(runs.map(({ records, seconds }) => records / seconds))
}

/** Microseconds of CPU a record, all threads. */
export function cpuOf(runs: readonly Report[]): number {
  return median(runs.map(({ cpuSeconds, records }) => (cpuSeconds / records) * 1e6))
}

export function times(one: number, other: number): string {
  return `${(one / other).toFixed(2)} x`
}

/** A target that is a ratio of two rates. */
export function ratio(what: string, one: number, other: number, least: number): Verdict {
  const measured = `${times(one, other)} (${Math.round(one)}/s, ${Math.round(other)}/s)`
  return { what, target: `>= ${least} x`, measured, reached: one / other >= least }
}

/** The one table at the end. */
export function printVerdicts(verdicts: readonly Verdict[]): void {
  const rows = verdicts.map(({ what, target, measured, reached }) => [
    what,
    target,
    measured,
    reached ? 'yes' : 'NO',
  ])
  console.log(`\n${table(rows, { header: ['what', 'target', 'measured', 'reached'] })}`)
}
