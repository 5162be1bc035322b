// npm run bench: this service beside what people use now, on one broker, in one run, in turns.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { createProgressBar, table } from '../src/cli/terminal.ts'
import type { Report } from './contestants/measure.ts'
import { bareLoop, bestLoop, type Contestant, pythonTutorial, run, service } from './contestants.ts'
import { PARTITIONS, produce } from './production.ts'

const { values: flags } = parseArgs({
  options: {
    records: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '5000' },
    'latency-seconds': { type: 'string', default: '20' },
    'no-python': { type: 'boolean', default: false },
    'no-latency': { type: 'boolean', default: false },
  },
})
const records = Number(flags.records)
const rounds = Number(flags.rounds)
const rate = Number(flags.rate)
const latencySeconds = Number(flags['latency-seconds'])
/** Of a latency run, left out of its figures: joining the group, warming up. */
const WARM_UP_SECONDS = 6

const python = flags['no-python'] ? null : pythonTutorial()
const contestants = [service, bareLoop, bestLoop, ...(python === null ? [] : [python])]
const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
const brokers = kafka.brokers.plaintext
try {
  await main()
} finally {
  await kafka.close()
}

async function main(): Promise<void> {
  const bar = createProgressBar(process.stdout, { total: records, label: 'producing' })
  await produce({ brokers, topic: 'bench', count: records, rate: 0 }, (done) => bar.update(done))
  bar.finish()

  const reports = new Map<Contestant, Report[]>(contestants.map((each) => [each, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const report = await run(contestant, { brokers, topic: 'bench', count: records })
      reports.get(contestant)?.push(report)
      console.log(
        `round ${round}: ${contestant.name}: ${Math.round(report.records / report.seconds)} records/s`,
      )
    }
  }
  const latencies = new Map<Contestant, Report>()
  if (!flags['no-latency']) {
    for (const contestant of contestants) latencies.set(contestant, await latencyOf(contestant))
  }
  print(reports, latencies)
}

async function latencyOf(contestant: Contestant): Promise<Report> {
  const topic = `latency-${contestants.indexOf(contestant)}`
  const count = rate * latencySeconds
  await kafka.tools.createTopic(topic, PARTITIONS)
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

function print(
  reports: ReadonlyMap<Contestant, readonly Report[]>,
  latencies: ReadonlyMap<Contestant, Report>,
): void {
  const rows = [...reports].map(([contestant, runs]) => {
    const latency = latencies.get(contestant)
    return {
      name: contestant.name,
      rate: median(runs.map((report) => report.records / report.seconds)),
      cpu: median(runs.map((report) => (report.cpuSeconds / report.records) * 1e6)),
      memory: median(runs.map((report) => report.residentMiB)),
      p50: latency?.p50,
      p99: latency?.p99,
    }
  })
  const own = rows[0]
  console.log(
    `\n${records} LZ4-framed JSON messages of 3.6 kB on ${PARTITIONS} partitions, medians of ${rounds} runs in turns; latency at ${rate} records/s\n`,
  )
  console.log(
    table(
      rows.map((row) => [
        row.name,
        Math.round(row.rate).toString(),
        own === undefined ? '' : `${(own.rate / row.rate).toFixed(2)} x`,
        row.cpu.toFixed(1),
        own === undefined ? '' : `${(own.cpu / row.cpu).toFixed(2)} x`,
        Math.round(row.memory).toString(),
        row.p50 === undefined ? '-' : row.p50.toFixed(0),
        row.p99 === undefined ? '-' : row.p99.toFixed(0),
      ]),
      {
        header: [
          'way',
          'records/s',
          'ours is',
          'CPU s / million',
          'ours is',
          'resident MiB',
          'p50 ms',
          'p99 ms',
        ],
      },
    ),
  )
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
