import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka } from '../../dev/kafka/types.ts'
import { createProducer } from '../../src/broker/producer.ts'
import type { BrokerOptions } from '../../src/broker/types.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { runProduction } from '../../src/synthetic/production.ts'
import { createSynthesizer } from '../../src/synthetic/synthesizer.ts'
import type { Expected, SynthesizerOptions } from '../../src/synthetic/types.ts'
import { type Service, startService } from './service.ts'
import { recordOf, type Task } from './tasks.ts'

export interface Scene {
  readonly kafka: EmbeddedKafka
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  readonly folder: string
  readonly partitions: number
  /** service-process.ts. */
  start(env?: Readonly<Record<string, string>>): Promise<Service>
  /** `onchain-consumer run` with this configuration and what tells it where Kafka is. */
  run(config: object, env?: Readonly<Record<string, string>>): Promise<Service>
  produce(
    options: Partial<SynthesizerOptions> & { count: number; rate?: number },
  ): Promise<Produced>
  /**
   * Sends the tasks in their order. Their timestamps are a millisecond apart and end about now.
   * @param rate records a second; 0: as fast as it goes.
   */
  send(tasks: readonly Task[], rate?: number): Promise<void>
  /** The entry of `handlers` for handlers/planned.ts. */
  readonly planned: { readonly path: string; readonly options: object }
  /** From now on the handler is as this says: see handlers/planned.ts. */
  flip(name: 'repaired' | 'away', on: boolean): void
}

export interface Produced {
  readonly ids: readonly string[]
  readonly expected: Expected
  /** Ids of all events, those of duplicates once. */
  events(): string[]
}

export const PARTITIONS = 6
const BATCH = 500

/** A broker, a topic and a folder of their own for one test; all gone afterwards. */
export async function createScene(
  t: TestContext,
  options: {
    partitions?: number
    /** Of Kafka; the topic has a replica on each of several. */
    nodes?: number
    topicConfig?: Readonly<Record<string, string>>
    properties?: Readonly<Record<string, string>>
  } = {},
): Promise<Scene> {
  const { nodes = 1 } = options
  const kafka = await startKafka({
    nodes,
    properties: { 'group.min.session.timeout.ms': '3000', ...options.properties },
  })
  const folder = mkdtempSync(join(tmpdir(), 'integrity-'))
  const services: Service[] = []
  t.after(async () => {
    for (const service of services) service.process.kill('SIGKILL')
    await kafka.close()
    // What failed can be looked at.
    if (process.env['KEEP_FOLDERS'] === undefined) rmSync(folder, { recursive: true, force: true })
    else console.log(folder)
  })
  const topic = 'solana.transfers'
  const groupId = 'integrity'
  const brokers = kafka.bootstrap.join(',')
  const partitions = options.partitions ?? PARTITIONS
  if (nodes === 1) await kafka.tools.createTopic(topic, partitions, options.topicConfig)
  else {
    const config = options.topicConfig ?? {}
    await kafka.cluster.createTopic(topic, { partitions, config })
  }

  async function start(env: Readonly<Record<string, string>>, config?: object): Promise<Service> {
    const given = config === undefined ? {} : { config }
    const service = await startService({ brokers, topic, groupId, folder, env, ...given })
    services.push(service)
    return service
  }

  return {
    kafka,
    brokers,
    topic,
    groupId,
    folder,
    partitions,
    start: (env = {}) => start(env),
    run: (config, env = {}) => start(env, config),
    planned: {
      path: join(import.meta.dirname, 'handlers/planned.ts'),
      options: { switches: folder },
    },
    flip(name, on) {
      const path = join(folder, name)
      if (on) writeFileSync(path, '')
      else rmSync(path)
    },
    async send(tasks, rate = 0) {
      const producer = await connectProducer(brokers)
      const first = Date.now() - tasks.length
      const started = performance.now()
      try {
        for (let sent = 0; sent < tasks.length; sent += BATCH) {
          const batch = tasks.slice(sent, sent + BATCH)
          const records = batch.map((task, index) =>
            recordOf(task, partitions, first + sent + index),
          )
          await producer.send(topic, records)
          const due = rate === 0 ? 0 : started + ((sent + batch.length) / rate) * 1000
          await sleep(Math.max(0, due - performance.now()))
        }
      } finally {
        await producer.close()
      }
    },
    async produce({ count, rate = 0, ...synthetic }) {
      const producer = await connectProducer(brokers)
      const synthesizer = createSynthesizer({
        seed: 7,
        stream: 'solana',
        messageBytes: 1500,
        partitions,
        ...synthetic,
      })
      const ids: string[] = []
      const recording = {
        next: () => {
          const message = synthesizer.next()
          ids.push(message.id)
          return message
        },
      }
      try {
        await runProduction(recording, producer, { topic, rate, count })
      } finally {
        await producer.close()
      }
      const events = () =>
        ids.flatMap((_, index) =>
          synthesizer.at(index).kind === 'good' ? synthesizer.eventIds(index) : [],
        )
      return { ids, expected: synthesizer.expected, events }
    },
  }
}

/** How the tests themselves reach a broker. */
export function brokerOptions(brokers: string): BrokerOptions {
  return {
    brokers: brokers.split(','),
    clientId: 'integrity',
    security: { protocol: 'PLAINTEXT' },
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
  }
}

function connectProducer(brokers: string) {
  return createProducer(brokerOptions(brokers), { compression: 'none' }, silentLog)
}
