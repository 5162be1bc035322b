// The stream as it is, 3.6 kB of LZ4-framed JSON a message, and handlers that do nothing: this
// service beside kafkajs loops and the tutorials' Python; then the latency at a fixed rate.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { table } from '../../src/cli/terminal.ts'
import type { Report } from '../contestants/measure.ts'
import {
  bareLoop,
  bestLoop,
  type Contestant,
  pythonTutorial,
  run,
  runInTurns,
  service,
} from '../contestants.ts'
import { PARTITIONS } from '../production.ts'
import { cpuOf, median, type Reports, rateOf, ratio, times, type Verdict } from '../report.ts'

export interface StreamOptions {
  readonly brokers: string
  readonly turns: number
  /** With so many messages in it at least. */
  readonly topic: string
  readonly count: number
  readonly python: boolean
  /** null: the latency is not measured. */
  readonly latency: LatencyOptions | null
}

export interface LatencyOptions {
  /** Records a second. */
  readonly rate: number
  readonly seconds: number
  createTopic(topic: string, partitions: number): Promise<void>
}

/** Of a latency run, left out of its figures: joining the group, warming up. */
const WARM_UP_SECONDS = 6
const LEAST = 1.6

const noop = { handler: 'counting.ts', counts: true }
/** Neither looks for duplicates, as the loops do not. */
const bare = service({ name: 'onchain-consumer, no handler' })
const plain = service({
  ...noop,
  name: 'onchain-consumer, no-op handler',
  deduplication: { window: 0 },
})
/** With all that is on by default. */
const own = service({ ...noop, name: 'the same, duplicates left out' })
const large = service({
  ...noop,
  name: 'no-op handler, heap as Node has it',
  deduplication: { window: 0 },
  largeHeap: true,
})

export async function compareStream(options: StreamOptions): Promise<readonly Verdict[]> {
  const { brokers, turns, topic, count, latency } = options
  const python = options.python ? pythonTutorial() : null
  const others = [bareLoop, bestLoop, ...(python === null ? [] : [python])]
  const contestants = [plain, own, bare, large, ...others]
  const reports = await runInTurns(contestants, turns, { brokers, topic, count })
  const latencies = new Map<Contestant, Report>()
  if (latency !== null) {
    for (const [index, one] of contestants.entries()) {
      // Only a handler looks at the time of a record; and once is enough for this service.
      if (one === bare || one === plain || one === large) continue
      latencies.set(one, await latencyOf(one, { brokers, topic: `latency-${index}`, ...latency }))
    }
  }
  print(options, reports, latencies)
  const rate = (one: Contestant) => rateOf(reports, one)
  const names = new Map([
    [plain, 'no-op handler'],
    [own, 'no-op handler, duplicates left out'],
    [bare, 'no handler'],
  ])
  return [...names].map(([one, name]) =>
    ratio(`${name}: ${bareLoop.name}`, rate(one), rate(bareLoop), LEAST),
  )
}

async function latencyOf(
  contestant: Contestant,
  task: LatencyOptions & { readonly brokers: string; readonly topic: string },
): Promise<Report> {
  const { brokers, topic, rate, seconds } = task
  const count = rate * seconds
  await task.createTopic(topic, PARTITIONS)
  const production = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'production.ts'), brokers, topic, String(count), String(rate)],
    { stdio: 'inherit' },
  )
  const latencyFrom = Date.now() + WARM_UP_SECONDS * 1000
  const report = await run(contestant, { brokers, topic, count, latencyFrom })
  if (production.exitCode === null) await once(production, 'exit')
  return report
}

function print(
  { count, turns, latency }: StreamOptions,
  reports: Reports,
  latencies: ReadonlyMap<Contestant, Report>,
): void {
  const ownRate = rateOf(reports, plain)
  const ownCpu = cpuOf(reports.get(plain) ?? [])
  const rows = [...reports].map(([one, runs]) => {
    const { p50, p99 } = latencies.get(one) ?? {}
    return [
      one.name,
      Math.round(rateOf(reports, one)).toString(),
      times(ownRate, rateOf(reports, one)),
      cpuOf(runs).toFixed(1),
      times(ownCpu, cpuOf(runs)),
      Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
      p50 === undefined ? '-' : p50.toFixed(0),
      p99 === undefined ? '-' : p99.toFixed(0),
    ]
  })
  const header = ['way', 'records/s', 'ours is', 'CPU us a record', 'ours is', 'resident MiB']
  const title = `${count} LZ4-framed JSON messages of 3.6 kB on ${PARTITIONS} partitions, medians of ${turns} runs in turns`
  const rate = latency === null ? '' : `; latency at ${latency.rate} records/s`
  console.log(`\n${title}${rate}\n\n${table(rows, { header: [...header, 'p50 ms', 'p99 ms'] })}\n`)
}
