import { join } from 'node:path'
import { type App, createApp } from '../../src/app/create-app.ts'
import { table } from '../../src/cli/terminal/terminal.ts'
import { currentVersion } from '../../src/cli/version.ts'
import { configOrThrow, type LoadOptions } from '../../src/config/load/load.ts'
import type { Config } from '../../src/config/types.ts'
import { CodedError, codeOf } from '../../src/kernel/errors.ts'
import { sleep, type UndoStack } from '../../src/kernel/lifecycle.ts'
import { createLogger } from '../../src/observe/log/logger.ts'
import { createMeters } from '../../src/observe/meters/meters.ts'
import type { Meters } from '../../src/observe/types.ts'
import { topicOf } from '../synthetic/types.ts'
import { balanceRows } from './balance.ts'
import { createDisplay, createLiveLine, type LiveLine } from './display.ts'
import { createExampleLog, exampleConfig, exampleStream } from './example.ts'
import { startParts } from './example-parts.ts'
import type { DemoFlags } from './flags.ts'
import { letterShown } from './letters.ts'
import { demoFolder, startBroker } from './parts.ts'
import { ON_PURPOSE, type Stream, startStream } from './stream.ts'

/** Milliseconds at the end in which the service may catch up. */
const CATCH_UP = 10_000

/** Runs a stream and the service and shows them until the end. Resolves with the exit code. */
export async function runShow(
  flags: DemoFlags,
  undo: UndoStack,
  interrupt: AbortSignal,
): Promise<number> {
  const folder = demoFolder(undo)
  const { KAFKA_BOOTSTRAP_SERVERS: given, KAFKA_TOPICS: topics } = process.env
  const brokers = given ?? (await startBroker(undo))
  const source = exampleStream(flags.example)
  const topic = topics ?? (given === undefined ? topicOf(source, 'json') : 'onchain-consumer-demo')
  if (interrupt.aborted) return 0
  if (topic === 'onchain-consumer-demo' && source !== 'solana') {
    throw new CodedError(
      'OCC_EXAMPLE',
      `The example ${flags.example} reads ${source}, and in your Kafka the demo makes its own topic up as solana.transfers. Unset KAFKA_BOOTSTRAP_SERVERS, or name a topic of yours in KAFKA_TOPICS`,
    )
  }
  const env = {
    KAFKA_GROUP_ID: `onchain-demo-${process.pid}`,
    ...process.env,
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    KAFKA_TOPICS: topic,
    OCC_SINK_LOG_MODE: 'off',
    OCC_DEDUPLICATION_WINDOW: '100000',
    OCC_DEAD_LETTERS_FILE_FOLDER: join(folder, 'dead-letters'),
  }
  // A user's own stream is only read; nothing is ever produced to a topic that was named.
  const isOwn = topics === undefined
  if (isOwn) console.log(intention(flags))
  const example = flags.example && exampleConfig(flags.example)
  const { rate, partitions } = flags
  const line = createLiveLine(process.stdout)
  const parts = await startParts(flags.example, folder, undo, line.say)
  const load = { env, file: example, ...(parts !== null && { adjust: parts.adjust }) }
  const stream = isOwn
    ? await startStream({ config: configOrThrow(load), stream: source, topic, partitions, rate })
    : null
  if (stream !== null) undo.push('stream', () => stream.end())

  const meters = createMeters()
  const { app, port, config } = await startService(load, meters, line)
  undo.push('service', () => app.stop())
  console.log(`
Consuming ${topic} from ${brokers} as ${config.kafka.groupId}.

  Status     http://localhost:${port}/
  Readiness  http://localhost:${port}/readyz
  Metrics    http://localhost:${port}/metrics

Ctrl-C drains and ends.
`)
  const display = createDisplay(line, app, meters, topic)
  undo.push('display', () => display.end())
  await Promise.race([
    sleep(flags.seconds > 0 ? flags.seconds * 1000 : 2 ** 31 - 1, interrupt),
    app.done,
    ...(stream === null ? [] : [stream.failed]),
  ])
  if (stream !== null) {
    await stream.end()
    await caughtUp(app, meters, topic, stream.expected.messages)
  }
  display.end()
  console.log('\nDraining: finishing what is in flight, committing, leaving the group ...')
  await app.stop()
  console.log(summary(meters, topic, stream))
  if (parts !== null) console.log(`\n${await parts.result()}`)
  const letter = await letterShown(config)
  if (letter !== null) {
    const { folder: place } = config.deadLetters.file
    console.log(`\nOne of the dead letters, which were in ${place}:\n${letter}`)
  }
  return 0
}

function intention({ rate, partitions }: DemoFlags): string {
  const percent = (share: number) => `${share * 100} %`
  return (
    `A stream of ${rate} messages per second on ${partitions} partitions. By design ${percent(ON_PURPOSE.poison)} cannot be\n` +
    `decoded and become dead letters, and ${percent(ON_PURPOSE.duplicates)} repeat an earlier one and are skipped.\n` +
    'The lag is what is not committed yet: about a second of the stream, as offsets are committed once a second.'
  )
}

/** Resolves when all produced records are finished, or the time is over. */
async function caughtUp(app: App, meters: Meters, topic: string, produced: number): Promise<void> {
  const until = performance.now() + CATCH_UP
  while (finishedOf(meters, topic) < produced && performance.now() < until) {
    const isEnded = await Promise.race([app.done.then(() => true), sleep(50)])
    if (isEnded === true) return
  }
}

function finishedOf(meters: Meters, topic: string): number {
  const { handled, skipped, failedRecords } = meters.topic(topic)
  return handled + skipped + [...failedRecords.values()].reduce((sum, count) => sum + count, 0)
}

function summary(meters: Meters, topic: string, stream: Stream | null): string {
  const { records, handled, skipped, failedRecords } = meters.topic(topic)
  const handlers = [...meters.handlers].map(([name, { outcomes }]) => [
    `handler ${name}`,
    countsOf(outcomes),
  ])
  const produced = stream?.expected.messages ?? records
  const balance = balanceRows({
    produced,
    handled,
    leftOut: skipped,
    dead: failedRecords,
    unfinished: records - finishedOf(meters, topic),
    unread: Math.max(0, produced - records),
  })
  return table([...balance, ...handlers, ['commits', String(meters.process.commits.ok)]])
}

function countsOf(outcomes: Readonly<Record<string, number>>): string {
  const some = Object.entries(outcomes).filter(([, count]) => count > 0)
  return some.map(([outcome, count]) => `${outcome} ${count}`).join(', ')
}

/** On port 8080 (or HTTP_PORT), or on a free one if that is taken and was not requested. */
async function startService(
  load: LoadOptions,
  meters: Meters,
  line: LiveLine,
): Promise<{ app: App; port: number; config: Config }> {
  const log =
    load.file === undefined
      ? createLogger({ level: 'fatal', format: 'text', destination: process.stderr })
      : createExampleLog(line.say)
  try {
    const config = configOrThrow(load)
    const app = createApp({ config, log, version: currentVersion, meters })
    return { app, ...(await app.start()), config }
  } catch (error) {
    const { env } = load
    if (codeOf(error) !== 'OCC_HTTP_PORT_IN_USE' || env['HTTP_PORT'] !== undefined) throw error
    return startService({ ...load, env: { ...env, HTTP_PORT: '0' } }, meters, line)
  }
}
