// npm run bench: this service beside what people use now, on one broker, in turns; at the end one
// table of what is asked for and what was measured. npm run bench -- --parts waiting,pace,stream,protobuf,workers,idle,postgres,page
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { createProgressBar } from '../src/cli/terminal/terminal.ts'
import { readOptions } from './options.ts'
import { compareIdle } from './parts/idle.ts'
import { comparePace } from './parts/pace.ts'
import { comparePage } from './parts/page.ts'
import { comparePostgres, profileRows } from './parts/postgres.ts'
import { compareProtobuf, profiledInProtobuf } from './parts/protobuf.ts'
import { compareStream, profiledInStream } from './parts/stream.ts'
import { comparePatience, produceForWaiting, profiledInWaiting } from './parts/waiting.ts'
import { compareWorkers, profiledInWorkers } from './parts/workers.ts'
import { produce } from './production.ts'
import { profile } from './profile.ts'
import { printVerdicts, type Verdict } from './report.ts'

const flags = readOptions()
const { parts, turns, baseline, concurrency } = flags
const topic = 'stream'
/** Messages of that topic that the parts read; 0: not taken part. */
const inStream = parts.has('stream') ? flags.records : 0
const hashed = parts.has('workers') ? flags.hashed : 0
const decoded = parts.has('workers') ? flags.decoded : 0

const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
const brokers = kafka.brokers.plaintext
const verdicts: Verdict[] = []
const waiting = {
  ...{ brokers, turns, concurrency, baseline },
  ...{ sizes: flags.sizes, counts: flags.waited, keys: flags.keys },
}
const createTopic = (name: string, partitions: number) => kafka.tools.createTopic(name, partitions)
const bytes = flags.megabytes * 1e6
const { rows, batches, connects, synced } = flags
const postgres = { brokers, count: rows, batches, connects, synced }
const idle = { brokers, seconds: flags.idleSeconds, createTopic }
try {
  if (flags.profile) await profileAll()
  else await measure()
} finally {
  // Also where a later part failed: what was measured took its time.
  if (verdicts.length > 0) printVerdicts(verdicts)
  await kafka.close()
}

async function measure(): Promise<void> {
  if (parts.has('idle')) verdicts.push(...(await compareIdle(idle)))
  if (parts.has('waiting')) verdicts.push(...(await comparePatience(waiting)))
  if (parts.has('pace')) {
    verdicts.push(...(await comparePace({ brokers, turns, count: flags.paced })))
  }
  if (parts.has('postgres')) {
    verdicts.push(...(await comparePostgres({ turns, baseline, ...postgres })))
  }
  if (parts.has('protobuf')) {
    verdicts.push(...(await compareProtobuf({ brokers, turns, bytes })))
  }
  if (parts.has('page')) {
    verdicts.push(...(await comparePage({ brokers, createTopic, ...flags.page })))
  }
  await produceStream(Math.max(inStream, hashed, decoded))
  if (inStream > 0) verdicts.push(...(await stream()))
  if (parts.has('workers')) {
    const options = { brokers, turns, topic, hashed, decoded, baseline }
    verdicts.push(...(await compareWorkers(options)))
  }
}

async function profileAll(): Promise<void> {
  for (const bytes of parts.has('waiting') ? flags.sizes : []) {
    const topic = await produceForWaiting(waiting, bytes)
    const task = { brokers, topic, count: Math.max(...flags.waited) }
    for (const one of profiledInWaiting(concurrency)) await profile(one, task)
  }
  for await (const { contestant, task } of parts.has('protobuf')
    ? profiledInProtobuf({ brokers, bytes })
    : []) {
    await profile(contestant, task)
  }
  if (parts.has('postgres')) await profileRows(postgres)
  await produceStream(Math.max(inStream, decoded))
  for (const one of inStream > 0 ? profiledInStream : []) {
    await profile(one, { brokers, topic, count: inStream })
  }
  for (const one of decoded > 0 ? profiledInWorkers : []) {
    await profile(one, { brokers, topic, count: decoded })
  }
}

function stream(): Promise<readonly Verdict[]> {
  const latency = {
    ...{ rate: flags.rate, seconds: flags.latencySeconds },
    ...{ turns, createTopic },
  }
  return compareStream({
    brokers,
    turns,
    topic,
    count: inStream,
    python: flags.python,
    baseline,
    latency: flags.latency ? latency : null,
  })
}

async function produceStream(count: number): Promise<void> {
  if (count === 0) return
  const bar = createProgressBar(process.stdout, { total: count, label: 'producing' })
  await produce({ brokers, topic, count, rate: 0 }, (done) => bar.update(done))
  bar.finish()
}
