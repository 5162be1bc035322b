import { after, before } from 'node:test'
import { type Admin, Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka, KafkaOptions } from '../../dev/kafka/types.ts'
import { fixRequestQueue } from '../../src/broker/connection/request-queue-fix.ts'
import { createTopic } from '../../src/broker/topics/create-topic.ts'
import type { BrokerOptions } from '../../src/broker/types.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { borrowKafka } from '../support/lent-kafka/borrow.ts'
import { until } from '../support/waiting.ts'

export { createCapturedLog, type LogLine } from '../support/captured-log.ts'
export { type Consuming, consuming, type Joined } from '../support/consuming.ts'
export { numbered, until } from '../support/waiting.ts'

export interface TestKafka {
  readonly kafka: EmbeddedKafka
  readonly admin: Admin
  readonly client: Kafka
  /** How to reach its plaintext listeners, of all nodes. */
  readonly broker: BrokerOptions
  createTopic(topic: string, partitions?: number, config?: Record<string, string>): Promise<void>
  /** In one request. */
  send(topic: string, messages: readonly Message[]): Promise<void>
  /** Sends the values to one partition. */
  produce(topic: string, values: readonly string[], partition?: number): Promise<void>
  /** The group's committed offsets by partition; -1 where there is none. */
  committed(group: string, topic: string): Promise<number[]>
  /** The sum of the group's committed offsets. */
  committedTotal(group: string, topic: string): Promise<number>
}

type Prepare = (embedded: TestKafka) => Promise<void>

/**
 * A Kafka of one node for the tests of a file, which may be lent (lent-kafka/borrow.ts): whoever stops it or changes more
 * than topics and groups uses useOwnKafka. `prepare` runs before the tests: node:test does not wait for one `before` of a
 * file with the next.
 */
export const useKafka = (prepare?: Prepare): TestKafka => using(borrowKafka, prepare)

/** One embedded Kafka (one node or several) for the tests of a file: started before them, closed after them. */
export const useOwnKafka = (options: KafkaOptions = {}, prepare?: Prepare): TestKafka =>
  using(() => startKafka(options), prepare)

function using(start: () => Promise<EmbeddedKafka>, prepare: Prepare = async () => {}): TestKafka {
  let started: { kafka: EmbeddedKafka; client: Kafka; admin: Admin; producer: Producer } | undefined
  const parts = () => {
    if (started === undefined) throw new Error('the embedded Kafka is not up yet')
    return started
  }
  before(async () => {
    const kafka = await start()
    fixRequestQueue()
    const client = new Kafka({
      brokers: [...kafka.bootstrap],
      logLevel: logLevel.NOTHING,
      // Tests kill nodes under it.
      retry: { retries: 10 },
    })
    const producer = client.producer({ metadataMaxAge: 100 })
    started = { kafka, client, admin: client.admin(), producer }
    await Promise.all([started.admin.connect(), started.producer.connect()])
    await prepare(embedded)
  })
  after(async () => {
    await Promise.allSettled([started?.admin.disconnect(), started?.producer.disconnect()])
    await started?.kafka.close()
  })
  const embedded: TestKafka = {
    get kafka() {
      return parts().kafka
    },
    get admin() {
      return parts().admin
    },
    get client() {
      return parts().client
    },
    get broker() {
      return brokerOptions(parts().kafka.bootstrap, { protocol: 'PLAINTEXT' })
    },
    async createTopic(topic, numPartitions = 1, config = {}) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      const made = await createTopic(parts().admin, { topic, numPartitions, configEntries })
      if (!made) throw new Error(`the topic ${topic} exists already`)
    },
    async send(topic, messages) {
      // kafkajs resolves with nothing, having sent nothing, while it does not know the partition.
      await until(async () => {
        const sent = await parts().producer.send({ topic, messages: [...messages], acks: -1 })
        return sent.length > 0
      }, `the partitions of ${topic} to be known`)
    },
    async produce(topic, values, partition = 0) {
      await embedded.send(
        topic,
        values.map((value) => ({ value, partition })),
      )
    },
    async committed(groupId, topic) {
      const [found] = await answered(() => parts().admin.fetchOffsets({ groupId, topics: [topic] }))
      const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
      return partitions.map(({ offset }) => Number(offset))
    },
    async committedTotal(groupId, topic) {
      const offsets = await embedded.committed(groupId, topic)
      return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0)
    },
  }
  return embedded
}

/** @param addresses Of one listener or of several nodes. */
export function brokerOptions(
  addresses: string | readonly string[],
  security: BrokerOptions['security'],
): BrokerOptions {
  return {
    brokers: [addresses].flat(),
    clientId: 'integration-test',
    security,
    connectionTimeout: 10_000,
    requestTimeout: 15_000,
  }
}

/** A coordinator that has just moved loads the group's offsets first, and kafkajs waits for less. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      const isPassing = error instanceof Error && 'retriable' in error && error.retriable === true
      if (!isPassing || attempt === 40) throw error
      await sleep(250)
    }
  }
}
