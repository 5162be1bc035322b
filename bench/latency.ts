import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Report } from './contestants/measure.ts'
import type { Contestant } from './contestants.ts'
import { PARTITIONS } from './production.ts'
import { run } from './run.ts'

export interface LatencyOptions {
  /** Records a second. */
  readonly rate: number
  readonly seconds: number
  createTopic(topic: string, partitions: number): Promise<void>
}

/** Of a latency run, left out of its figures: joining the group, warming up. */
const WARM_UP_SECONDS = 6

/** Each on a topic of its own that is filled at this rate while it reads. */
export async function measureLatencies(
  contestants: readonly Contestant[],
  brokers: string,
  options: LatencyOptions,
): Promise<ReadonlyMap<Contestant, Report>> {
  const latencies = new Map<Contestant, Report>()
  for (const [index, one] of contestants.entries()) {
    const report = await latencyOf(one, brokers, `latency-${index}`, options)
    latencies.set(one, report)
    console.log(`${options.rate} records/s: ${one.name}: p99 ${report.p99?.toFixed(0)} ms`)
  }
  return latencies
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
