// npm run bench: this service beside what people use now, on one broker, in turns; at the end one
// table of what is asked for and what was measured. npm run bench -- --parts waiting,stream,workers,idle
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { createProgressBar } from '../src/cli/terminal.ts'
import { readOptions } from './options.ts'
import { compareIdle } from './parts/idle.ts'
import { compareStream } from './parts/stream.ts'
import { comparePatience } from './parts/waiting.ts'
import { compareWorkers } from './parts/workers.ts'
import { produce } from './production.ts'
import { printVerdicts, type Verdict } from './report.ts'

const flags = readOptions()
const { parts, turns, records, hashed, decoded } = flags

const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
const brokers = kafka.brokers.plaintext
const createTopic = (name: string, partitions: number) => kafka.tools.createTopic(name, partitions)
const idle = { brokers, seconds: flags.idleSeconds, createTopic }
try {
  printVerdicts(await measure())
} finally {
  await kafka.close()
}

async function measure(): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  if (parts.has('idle')) verdicts.push(...(await compareIdle(idle)))
  if (parts.has('waiting')) verdicts.push(...(await waiting()))
  const inStream = parts.has('stream') ? records : 0
  const byWorkers = parts.has('workers') ? Math.max(hashed, decoded) : 0
  const topic = 'stream'
  await produceStream(topic, Math.max(inStream, byWorkers))
  if (inStream > 0) verdicts.push(...(await stream(topic, inStream)))
  if (byWorkers > 0) {
    verdicts.push(...(await compareWorkers({ brokers, turns, topic, hashed, decoded })))
  }
  return verdicts
}

function waiting(): Promise<readonly Verdict[]> {
  return comparePatience({
    brokers,
    turns,
    counts: flags.waited,
    keys: flags.keys,
    concurrency: flags.concurrency,
  })
}

function stream(topic: string, count: number): Promise<readonly Verdict[]> {
  const latency = {
    rate: flags.rate,
    seconds: flags.latencySeconds,
    createTopic,
  }
  return compareStream({
    brokers,
    turns,
    topic,
    count,
    python: flags.python,
    latency: flags.latency ? latency : null,
  })
}

async function produceStream(topic: string, count: number): Promise<void> {
  if (count === 0) return
  const bar = createProgressBar(process.stdout, { total: count, label: 'producing' })
  await produce({ brokers, topic, count, rate: 0 }, (done) => bar.update(done))
  bar.finish()
}
