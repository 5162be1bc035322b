// npm run bench: this service beside what people use now, on one broker, in turns; at the end one
// table of what is asked for and what was measured. npm run bench -- --parts waiting,stream,workers
import { parseArgs } from 'node:util'
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { createProgressBar } from '../src/cli/terminal.ts'
import { compareStream } from './parts/stream.ts'
import { comparePatience } from './parts/waiting.ts'
import { compareWorkers } from './parts/workers.ts'
import { produce } from './production.ts'
import { printVerdicts, type Verdict } from './report.ts'

const { values: flags } = parseArgs({
  options: {
    /** Some of these. */
    parts: { type: 'string', default: 'waiting,stream,workers' },
    turns: { type: 'string', default: '3' },
    /** Messages of the part `waiting`: comparisons of so many each. */
    waited: { type: 'string', default: '20000' },
    keys: { type: 'string', default: '5000' },
    concurrency: { type: 'string', default: '500' },
    /** Of the part `stream`. */
    records: { type: 'string', default: '300000' },
    rate: { type: 'string', default: '5000' },
    'latency-seconds': { type: 'string', default: '20' },
    'no-python': { type: 'boolean', default: false },
    'no-latency': { type: 'boolean', default: false },
    /** Of the part `workers`. */
    hashed: { type: 'string', default: '8000' },
    decoded: { type: 'string', default: '200000' },
  },
})
const parts = new Set(flags.parts.split(','))
const turns = Number(flags.turns)
const [records, hashed, decoded] = [flags.records, flags.hashed, flags.decoded].map(Number)

const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
const brokers = kafka.brokers.plaintext
try {
  printVerdicts(await measure())
} finally {
  await kafka.close()
}

async function measure(): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  if (parts.has('waiting')) verdicts.push(...(await waiting()))
  const inStream = parts.has('stream') ? Number(records) : 0
  const byWorkers = parts.has('workers') ? Math.max(Number(hashed), Number(decoded)) : 0
  const topic = 'stream'
  await produceStream(topic, Math.max(inStream, byWorkers))
  if (inStream > 0) verdicts.push(...(await stream(topic, inStream)))
  if (byWorkers > 0) {
    const counts = { hashed: Number(hashed), decoded: Number(decoded) }
    verdicts.push(...(await compareWorkers({ brokers, turns, topic, ...counts })))
  }
  return verdicts
}

function waiting(): Promise<readonly Verdict[]> {
  return comparePatience({
    brokers,
    turns,
    counts: flags.waited.split(',').map(Number),
    keys: Number(flags.keys),
    concurrency: Number(flags.concurrency),
  })
}

function stream(topic: string, count: number): Promise<readonly Verdict[]> {
  const createTopic = (name: string, partitions: number) =>
    kafka.tools.createTopic(name, partitions)
  const latency = {
    rate: Number(flags.rate),
    seconds: Number(flags['latency-seconds']),
    createTopic,
  }
  return compareStream({
    brokers,
    turns,
    topic,
    count,
    python: !flags['no-python'],
    latency: flags['no-latency'] ? null : latency,
  })
}

async function produceStream(topic: string, count: number): Promise<void> {
  if (count === 0) return
  const bar = createProgressBar(process.stdout, { total: count, label: 'producing' })
  await produce({ brokers, topic, count, rate: 0 }, (done) => bar.update(done))
  bar.finish()
}
