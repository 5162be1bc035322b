// npm run demo: the main job on embedded parts. Starts a Kafka, a synthetic stream and the service,
// and shows what it does until Ctrl-C (or --seconds N), then drains and leaves nothing behind.
// --example NAME runs the handlers of examples/NAME, and shows what they emit.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type App, createApp } from '../src/app.ts'
import { registerCodecs } from '../src/broker/topics/codecs.ts'
import { describeFailure } from '../src/cli/failure.ts'
import { table } from '../src/cli/terminal.ts'
import { currentVersion } from '../src/cli/version.ts'
import { loadConfig } from '../src/config/load.ts'
import { formatProblems } from '../src/config/problems.ts'
import type { Config } from '../src/config/types.ts'
import { lz4Codec } from '../src/decode/lz4-codec.ts'
import { codeOf, messageOf, OccError } from '../src/kernel/errors.ts'
import { createUndoStack, sleep } from '../src/kernel/lifecycle.ts'
import { silentLog } from '../src/kernel/log.ts'
import { createLogger } from '../src/observe/logger.ts'
import { createMeters } from '../src/observe/meters.ts'
import { brokerOptions } from '../src/settings.ts'
import { createDisplay } from './demo-display.ts'
import { createExampleLog, exampleConfig } from './demo-example.ts'
import { startKafka } from './kafka/embedded-kafka.ts'
import { createProducer } from './produce/producer.ts'
import { runProduction } from './synthetic/production.ts'
import { createSynthesizer } from './synthetic/synthesizer.ts'

const flags = readFlags()
const rate = numberFlag('rate')
const seconds = numberFlag('seconds')
const partitions = numberFlag('partitions', 1)
/** What the display has drawn gives way to a line of the log; elsewhere nothing is drawn. */
const clearLine = process.stdout.isTTY ? '\r\x1b[K' : ''

const undo = createUndoStack()
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(1)
    interrupt.abort()
  })
}

let code = 0
try {
  await demo()
} catch (error) {
  console.error(`\n${describeFailure(error)}`)
  code = 1
}
for (const { name, error } of await undo.run()) console.error(`${name}: ${describeFailure(error)}`)
process.exit(code)

async function demo(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'onchain-demo-'))
  undo.push('folder', () => rmSync(folder, { recursive: true, force: true }))
  const { KAFKA_BOOTSTRAP_SERVERS: given, KAFKA_TOPICS: topics } = process.env
  const brokers = given ?? (await startBroker())
  const topic = topics ?? (given === undefined ? 'solana.transfers' : 'onchain-consumer-demo')
  if (interrupt.signal.aborted) return
  const settings = {
    KAFKA_GROUP_ID: `onchain-demo-${process.pid}`,
    ...process.env,
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    KAFKA_TOPICS: topic,
    OCC_SINK_LOG_MODE: 'off',
    OCC_DEDUPLICATION_WINDOW: '100000',
    OCC_DEAD_LETTERS_FILE_FOLDER: join(folder, 'dead-letters'),
  }
  // A stream of the user's own is only read; nothing is ever produced to a topic that was named.
  const production = topics === undefined ? await startProduction(settings, topic) : null

  const meters = createMeters()
  const { app, port, config } = await startService(settings, meters)
  undo.push('service', async () => {
    process.stdout.write(
      '\nDraining: finishing what is in hand, committing, leaving the group ...\n',
    )
    await app.stop()
    const { records, handled, skipped, failedRecords } = meters.topic(topic)
    const dead = [...failedRecords.values()].reduce((sum, count) => sum + count, 0)
    const left = records - handled - skipped - dead
    console.log(
      table([
        ['produced', String(production?.produced() ?? '-')],
        ['taken over', String(records)],
        ['handled', String(handled + skipped)],
        ...[...meters.handlers].map(([name, { outcomes }]) => [name, countsOf(outcomes)]),
        ...[...failedRecords].map(([error, count]) => [`dead letters: ${error}`, String(count)]),
        ...(left > 0 ? [['taken over, not finished, not committed', String(left)]] : []),
        ['commits', String(meters.process.commits.ok)],
      ]),
    )
  })
  console.log(`
Consuming ${topic} from ${brokers} as ${config.kafka.groupId}.

  Status     http://localhost:${port}/lag
  Readiness  http://localhost:${port}/readyz
  Metrics    http://localhost:${port}/metrics

Ctrl-C drains and ends.
`)
  const display = createDisplay(process.stdout, app, meters, topic)
  undo.push('display', () => display.end())
  if (production !== null) undo.push('stream', () => production.end())
  await Promise.race([
    sleep(seconds > 0 ? seconds * 1000 : 2 ** 31 - 1, interrupt.signal),
    app.done,
    ...(production === null ? [] : [production.failed]),
  ])
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        rate: { type: 'string', default: '1000' },
        seconds: { type: 'string', default: '0' },
        partitions: { type: 'string', default: '6' },
        example: { type: 'string' },
      },
    })
    if (values.example !== undefined) exampleConfig(values.example)
    return values
  } catch (error) {
    return refuse(messageOf(error))
  }
}

function numberFlag(name: 'rate' | 'seconds' | 'partitions', least = 0): number {
  const value = Number(flags[name])
  if (flags[name].trim() !== '' && Number.isFinite(value) && value >= least) return value
  return refuse(`--${name} is ${JSON.stringify(flags[name])}; give a number from ${least}`)
}

function refuse(why: string): never {
  console.error(`${why}\nFlags: --seconds N, --rate N, --partitions N, --example NAME`)
  process.exit(2)
}

function countsOf(outcomes: Readonly<Record<string, number>>): string {
  const some = Object.entries(outcomes).filter(([, count]) => count > 0)
  return some.map(([outcome, count]) => `${outcome} ${count}`).join(', ')
}

async function startBroker(): Promise<string> {
  console.log('Starting Apache Kafka (the first time, Maven fetches it) ...')
  const started = Date.now()
  const kafka = await startKafka()
  undo.push('kafka', () => kafka.close())
  console.log(`Kafka is up after ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  return kafka.brokers.plaintext
}

function configOf(env: NodeJS.ProcessEnv): Config {
  const { example } = flags
  const loaded = loadConfig({ env, file: example && exampleConfig(example) })
  if (!loaded.ok) throw new OccError('OCC_CONFIG', formatProblems(loaded.problems))
  return loaded.config
}

async function startProduction(env: NodeJS.ProcessEnv, topic: string) {
  registerCodecs(lz4Codec)
  const options = brokerOptions(configOf(env))
  const producer = await createProducer(options, { compression: 'none' }, silentLog)
  await producer.ensureTopic(topic, partitions)
  const synthesizer = createSynthesizer({
    seed: 1,
    stream: 'solana',
    keyScheme: 'slot',
    duplicateShare: 0.05,
    poisonShare: 0.005,
    startTime: Date.now(),
    partitions,
  })
  const end = new AbortController()
  const running = runProduction(
    synthesizer,
    producer,
    { topic, rate, count: Number.POSITIVE_INFINITY },
    () => {},
    end.signal,
  )
  running.catch(() => {})
  return {
    produced: () => synthesizer.expected.messages,
    failed: running.then(() => {}),
    async end() {
      end.abort()
      await running
      await producer.close()
    },
  }
}

/** On port 8080 (or HTTP_PORT), or on a free one when that is taken and was not asked for. */
async function startService(
  env: NodeJS.ProcessEnv,
  meters: ReturnType<typeof createMeters>,
): Promise<{ app: App; port: number; config: Config }> {
  const log =
    flags.example === undefined
      ? createLogger({ level: 'fatal', format: 'text', destination: process.stderr })
      : createExampleLog((line) => process.stdout.write(`${clearLine}${line}\n`))
  try {
    const config = configOf(env)
    const app = createApp({ config, log, version: currentVersion, meters })
    return { app, ...(await app.start()), config }
  } catch (error) {
    if (codeOf(error) !== 'OCC_HTTP_PORT_IN_USE' || env['HTTP_PORT'] !== undefined) throw error
    return startService({ ...env, HTTP_PORT: '0' }, meters)
  }
}
