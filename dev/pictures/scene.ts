import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { configOrThrow } from '../../src/config/load/load.ts'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'
import { demoFolder } from '../demo/parts.ts'
import { type Stream, startStream } from '../demo/stream.ts'
import { startKafka } from '../kafka/embedded-kafka.ts'
import { securedEnvironment } from '../kafka/secured-environment.ts'
import type { EmbeddedKafka } from '../kafka/types.ts'
import { root } from '../tools.ts'
import { writeSecret } from '../write-secret.ts'
import { type Mood, setMood } from './mood.ts'
import { type Pod, post, startPod } from './pod.ts'

const TOPIC = 'solana.transfers'
const PARTITIONS = 8
/** Records a second. */
const RATE = 60
const TOKEN = 'a-token-for-the-pictures'
/** Milliseconds. */
const RETENTION = 2 * 3_600_000
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'

/** As the chart names them: <Deployment>-<ReplicaSet>-<pod>. */
const PODS = [
  'transfers-onchain-consumer-7d9c6b5f4-x2x8k',
  'transfers-onchain-consumer-7d9c6b5f4-m4q7d',
]

/** A Kafka over SASL_SSL, a stream and two pods of the service. */
export interface Scene {
  readonly folder: string
  readonly kafka: EmbeddedKafka
  readonly topic: string
  /** The pictures are those of the first one. */
  readonly pods: readonly [Pod, Pod]
  handler(mood: Partial<Mood>): void
  /** A request to the first pod's API. */
  post(path: string, body: object): Promise<void>
  /** Starts the stream again, with other events; it runs at the begin. */
  produce(): Promise<void>
  /** Ends the stream. */
  silence(): Promise<void>
}

export async function createScene(undo: UndoStack): Promise<Scene> {
  const folder = demoFolder(undo)
  const kafka = await startKafka()
  undo.push('kafka', () => kafka.close())
  await kafka.tools.createTopic(TOPIC, PARTITIONS, { 'retention.ms': String(RETENTION) })

  let stream: Stream | null = null
  let seed = 0
  async function produce(): Promise<void> {
    seed += 1
    const env = { KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.plaintext, KAFKA_TOPICS: TOPIC }
    const config = configOrThrow({ env: { ...env, KAFKA_GROUP_ID: 'none' } })
    stream = await startStream({
      ...{ config, stream: 'solana', topic: TOPIC, partitions: PARTITIONS, rate: RATE },
      ...{ seed, poison: 0 },
    })
    stream.failed.catch(() => {})
  }
  async function silence(): Promise<void> {
    const running = stream
    stream = null
    await running?.end()
  }
  undo.push('stream', silence)
  await produce()

  const moodFile = join(folder, 'mood.json')
  const tokenFile = join(folder, 'token')
  const config = join(folder, 'config.yaml')
  setMood(moodFile, {})
  await writeSecret(tokenFile, `${TOKEN}\n`)
  await writeFile(
    config,
    JSON.stringify({
      kafka: { topics: [TOPIC], groupId: 'transfers' },
      processing: { order: 'key', concurrency: 8 },
      scaling: { lagPerPod: 2_000 },
      deduplication: { window: 100_000 },
      handlers: [
        { path: join(import.meta.dirname, 'handlers/ledger.ts'), options: { moodFile } },
        {
          path: join(root, 'examples/whale-alert/handler.ts'),
          options: { limits: { [USDC]: '100' } },
        },
      ],
      sinks: {
        rows: { type: 'file', path: join(folder, 'rows.ndjson'), maxBytes: '16MiB', keep: 1 },
        alerts: { type: 'log' },
      },
      deadLetters: { file: { folder: join(folder, 'dead-letters') } },
      admin: { tokenFile },
    }),
  )
  const env = await securedEnvironment(kafka, join(folder, 'password'))
  const [first, second] = await Promise.all(PODS.map((name) => startPod(name, config, env, undo)))
  if (first === undefined || second === undefined) throw new Error('there are two pods')
  return {
    ...{ folder, kafka, topic: TOPIC, pods: [first, second], produce, silence },
    handler: (mood) => setMood(moodFile, mood),
    post: (path, body) => post(`${first.url}${path}`, TOKEN, body),
  }
}
