import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { startKafka } from '../../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'
import { plainBrokers, plainProducer } from '../../../dev/produce/plain.ts'
import { runProduction } from '../../../dev/synthetic/production.ts'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import type { Expected, SynthesizerOptions } from '../../../dev/synthetic/types.ts'
import type { BrokerOptions } from '../../../src/broker/types.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { borrowKafka } from '../../support/lent-kafka/borrow.ts'
import { until } from '../../support/waiting.ts'
import { takesRecords } from './broker/topic-ready.ts'
import { type Service, startService } from './service.ts'
import { recordOf, type Task } from './tasks.ts'

export interface Scene {
  readonly kafka: EmbeddedKafka
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  readonly folder: string
  readonly partitions: number
  /** `onchain-consumer run` with handlers/recording.ts. */
  start(env?: Readonly<Record<string, string>>): Promise<Service>
  /** The same with this configuration; with the handlers that it names, if it names any. */
  run(config: object, env?: Readonly<Record<string, string>>): Promise<Service>
  produce(options: Partial<SynthesizerOptions> & ProduceOptions): Promise<Produced>
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

export interface ProduceOptions {
  /** Without it: for as long as `during`. */
  readonly count?: number
  /** Messages a second; 0: as fast as it goes. */
  readonly rate?: number
  /** What happens under this load; once it is over, nothing more is produced. */
  readonly during?: Promise<unknown>
}

export interface Produced {
  readonly ids: readonly string[]
  readonly expected: Expected
  /** Ids of all events, those of duplicates once. */
  events(): string[]
}

export const PARTITIONS = 6
const BATCH = 500

export interface SceneOptions {
  /** Default: `solana.transfers`. */
  readonly topic?: string
  /** Default: `integrity`. */
  readonly groupId?: string
  readonly partitions?: number
  readonly topicConfig?: Readonly<Record<string, string>>
  readonly properties?: Readonly<Record<string, string>>
  /** One node that no other test gets: to stop it, or to fill it. Otherwise it may be a lent one. */
  readonly own?: boolean
  /** 1 by default. With several, services are told the addresses of all. */
  readonly nodes?: number
  /** Replicas of each partition; by default as many as there are nodes. */
  readonly factor?: number
  /** Node ids of each partition's replicas, the preferred leader first: in the place of the others. */
  readonly assignments?: readonly (readonly number[])[]
}

/** Brokers, a topic and a folder of their own for one test; all gone afterwards. */
export async function createScene(t: TestContext, options: SceneOptions = {}): Promise<Scene> {
  const kafka = await startBrokers(options)
  const scene = await openScene(t, kafka, options)
  // Behind the services, which are ended first.
  t.after(() => kafka.close())
  return scene
}

export function startBrokers(options: SceneOptions = {}): Promise<EmbeddedKafka> {
  const {
    nodes = 1,
    properties = {},
    own = nodes > 1 || options.properties !== undefined,
  } = options
  return own ? startKafka({ nodes, properties }) : borrowKafka()
}

/** A topic and a folder for one test, on these brokers. */
export async function openScene(
  t: TestContext,
  kafka: EmbeddedKafka,
  options: SceneOptions,
): Promise<Scene> {
  const { factor = kafka.nodes.length, assignments } = options
  const folder = mkdtempSync(join(tmpdir(), 'integrity-'))
  const services: Service[] = []
  t.after(async () => {
    await Promise.all(services.map((service) => service.kill()))
    // What failed can be looked at.
    if (process.env['KEEP_FOLDERS'] === undefined) rmSync(folder, { recursive: true, force: true })
    else console.log(folder)
  })
  const topic = options.topic ?? 'solana.transfers'
  const { groupId = 'integrity' } = options
  const brokers = kafka.bootstrap.join(',')
  const partitions = assignments?.length ?? options.partitions ?? PARTITIONS
  const { topicConfig: config = {} } = options
  const places = assignments === undefined ? { partitions, factor } : { assignments }
  await kafka.cluster.createTopic(topic, { ...places, config })
  await until(
    () => takesRecords(kafka, topic).catch(() => false),
    `all partitions of ${topic} to take records`,
  )

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
      path: join(import.meta.dirname, '../handlers/planned.ts'),
      options: { switches: folder },
    },
    flip(name, on) {
      const path = join(folder, name)
      if (on) writeFileSync(path, '')
      else rmSync(path)
    },
    async send(tasks, rate = 0) {
      const producer = await plainProducer(brokers.split(','), 'integrity')
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
    async produce({ count = Number.POSITIVE_INFINITY, rate = 0, during, ...synthetic }) {
      const over = new AbortController()
      // How it ends is for the caller to see.
      during?.catch(() => {}).then(() => over.abort())
      const producer = await plainProducer(brokers.split(','), 'integrity')
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
        const flow = { topic, rate, count }
        await runProduction(recording, producer, flow, undefined, over.signal)
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
export const brokerOptions = (brokers: string): BrokerOptions =>
  plainBrokers(brokers.split(','), 'integrity')

/** A producer of kafkajs, for records that say their own times and partitions; gone with the test. */
export async function startProducer(t: TestContext, brokers: string): Promise<Producer> {
  const client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const producer = client.producer()
  await producer.connect()
  t.after(() => producer.disconnect())
  return producer
}
