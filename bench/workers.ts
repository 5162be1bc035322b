// node bench/workers.ts: handling in worker threads beside handling in the main thread, for a handler
// that hashes for 2 ms, and for decoding alone (LZ4 and JSON). One broker, in turns.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { table } from '../src/cli/terminal.ts'
import type { Report as ServiceReport } from './contestants/measure.ts'
import { type Contestant, run } from './contestants.ts'
import { produce } from './production.ts'
import { hash } from './workers/hash.ts'

interface Report extends ServiceReport {
  /** CPU seconds of the thread that had most to do. */
  readonly busiestSeconds?: number
}

const { values: flags } = parseArgs({
  options: {
    hashed: { type: 'string', default: '4000' },
    decoded: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: '0,2,auto' },
  },
})
const turns = Number(flags.rounds)

/** Rounds of hashing that take 2 ms here. */
function calibrate(): number {
  hash(20_000, 'warm up')
  const started = performance.now()
  hash(20_000, 'measure')
  return Math.round((20_000 * 2) / (performance.now() - started))
}

function contestant(workers: string, rounds: number): Contestant {
  return {
    name: `workers: ${workers}`,
    command: [
      process.execPath,
      '--max-semi-space-size=8',
      '--heap-growing-percent=100',
      join(import.meta.dirname, 'workers', 'service.ts'),
    ],
    env: { WORKERS: workers, ROUNDS: String(rounds) },
  }
}

async function compare(title: string, topic: string, count: number, rounds: number): Promise<void> {
  const contestants = flags.workers.split(',').map((workers) => contestant(workers, rounds))
  const reports = new Map<Contestant, Report[]>(contestants.map((one) => [one, []]))
  for (let turn = 0; turn < turns; turn++) {
    for (const one of contestants) {
      reports.get(one)?.push(await run(one, { brokers, topic, count }))
    }
  }
  const rows = [...reports].map(([{ name }, runs]) => ({
    name,
    rate: median(runs.map(({ records, seconds }) => records / seconds)),
    cpu: median(runs.map(({ records, cpuSeconds }) => (cpuSeconds / records) * 1e6)),
    free: median(runs.map(freeRate)),
    memory: Math.max(...runs.map(({ residentMiB }) => residentMiB)),
  }))
  const [first] = rows
  const times = (one: number, other = Number.NaN) => `${(one / other).toFixed(2)} x`
  console.log(`\n${title}; medians of ${turns} runs in turns\n`)
  console.log(
    table(
      rows.map(({ name, rate, cpu, free, memory }) => [
        name,
        Math.round(rate).toString(),
        times(rate, first?.rate),
        cpu.toFixed(1),
        Math.round(free).toString(),
        times(free, first?.free),
        Math.round(memory).toString(),
      ]),
      {
        header: [
          'way',
          'records/s',
          'of the first',
          'CPU us a record',
          'on 2 free cores',
          'of the first',
          'most resident MiB',
        ],
      },
    ),
  )
}

/**
 * Records a second that its CPU times allow on two cores that nobody else uses: none of its threads
 * can be in two places, and all of them have two cores. On a machine that others use too, this is the
 * figure to look at.
 */
function freeRate({ records, cpuSeconds, busiestSeconds = Number.NaN }: Report): number {
  return records / Math.max(busiestSeconds, cpuSeconds / 2)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
const brokers = kafka.brokers.plaintext
try {
  const [hashed, decoded] = [Number(flags.hashed), Number(flags.decoded)]
  const count = Math.max(hashed, decoded)
  await produce({ brokers, topic: 'bench', count, rate: 0 })
  if (hashed > 0) {
    await compare(`${hashed} messages, 2 ms of hashing each`, 'bench', hashed, calibrate())
  }
  if (decoded > 0) {
    await compare(`${decoded} messages of 3.6 kB, LZ4 and JSON decoded`, 'bench', decoded, 0)
  }
} finally {
  await kafka.close()
}
