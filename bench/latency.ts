import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Report } from './contestants/measure.ts'
import type { Contestant } from './contestants.ts'
import { PARTITIONS } from './production.ts'
import { median } from './report.ts'
import { run } from './run.ts'

export interface LatencyOptions {
  /** Records a second. */
  readonly rate: number
  readonly seconds: number
  readonly turns: number
  createTopic(topic: string, partitions: number): Promise<void>
}

/** Of a latency run, left out of its figures: joining the group, warming up. */
const WARM_UP_SECONDS = 6

/** Milliseconds from the time of a record until it is handled. */
export interface Latency {
  readonly p50: number
  readonly p99: number
}

/**
 * Each on a topic of its own that is filled at this rate while it reads; the medians of several runs in turns,
 * because the slowest hundredth is what the machine was doing in that moment.
 */
export async function measureLatencies(
  contestants: readonly Contestant[],
  brokers: string,
  options: LatencyOptions,
): Promise<ReadonlyMap<Contestant, Latency>> {
  const reports = new Map<Contestant, Report[]>(contestants.map((one) => [one, []]))
  for (let turn = 1; turn <= options.turns; turn++) {
    for (const [index, one] of contestants.entries()) {
      const report = await latencyOf(one, brokers, `latency-${turn}-${index}`, options)
      reports.get(one)?.push(report)
      const what = `${options.rate} records/s, turn ${turn}: ${one.name}`
      console.log(`${what}: p99 ${report.p99?.toFixed(0)} ms`)
    }
  }
  const middle = (runs: readonly Report[], of: 'p50' | 'p99') =>
    median(runs.map((report) => report[of] ?? Number.NaN))
  return new Map(
    [...reports].map(([one, runs]) => [
      one,
      { p50: middle(runs, 'p50'), p99: middle(runs, 'p99') },
    ]),
  )
}

async function latencyOf(
  contestant: Contestant,
  brokers: string,
  topic: string,
  { rate, seconds, createTopic }: LatencyOptions,
): Promise<Report> {
  const count = rate * seconds
  await createTopic(topic, PARTITIONS)
  const production = spawn(
    process.execPath,
    [join(import.meta.dirname, 'production.ts'), brokers, topic, String(count), String(rate)],
    { stdio: 'inherit' },
  )
  const latencyFrom = Date.now() + WARM_UP_SECONDS * 1000
  const report = await run(contestant, { brokers, topic, count, latencyFrom })
  if (production.exitCode === null) await once(production, 'exit')
  return report
}
