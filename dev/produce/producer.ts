import { Partitioners } from 'kafkajs'
import { createClient } from '../../src/broker/connection/client.ts'
import { explain, protocolType } from '../../src/broker/errors.ts'
import { createTopic } from '../../src/broker/topics/create-topic.ts'
import { mayBeMisspelled, withTopicHint } from '../../src/broker/topics/topic-hint.ts'
import { compressionTypes } from '../../src/broker/topics/topic-writer.ts'
import type { BrokerOptions } from '../../src/broker/types.ts'
import type { Compression } from '../../src/kernel/compression.ts'
import type { Log } from '../../src/kernel/log.ts'
import type { RecordProducer } from '../synthetic/types.ts'

/**
 * Sends records with `acks=all`. Codecs other than gzip need `registerCodecs` first. Every error is
 * explained for the user who gave the address, topic or credentials.
 */
export async function createProducer(
  options: BrokerOptions,
  { compression }: { compression: Compression },
  log: Log,
): Promise<RecordProducer> {
  const { kafka, socketErrors } = createClient(options, log)
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })

  async function explained<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw explain(error, doing, socketErrors, {
        ...{ writing: true, givenBy: options.givenBy },
      })
    }
  }

  /** The names of all topics; none if they cannot be had. */
  async function topicNames(): Promise<readonly string[]> {
    const admin = kafka.admin()
    try {
      await admin.connect()
      return await admin.listTopics()
    } catch {
      return []
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  await explained(`Connecting to ${options.brokers.join(', ')}`, () => producer.connect())

  return {
    async ensureTopic(topic, numPartitions) {
      const admin = kafka.admin()
      await explained(`Creating the topic "${topic}"`, async () => {
        try {
          await admin.connect()
          await createTopic(admin, { topic, numPartitions })
        } catch (error) {
          if (protocolType(error) !== 'TOPIC_ALREADY_EXISTS') throw error
        } finally {
          await admin.disconnect()
        }
      })
    },
    async send(topic, messages) {
      await explained(`Producing to "${topic}"`, () =>
        producer.send({
          topic,
          compression: compressionTypes[compression],
          messages: messages.map(({ key, value, headers, partition, timestamp }) => ({
            key,
            value,
            headers,
            ...(partition === undefined ? {} : { partition }),
            ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
          })),
        }),
      ).catch(async (error) => {
        throw mayBeMisspelled(error) ? withTopicHint(error, topic, await topicNames()) : error
      })
    },
    close: () => producer.disconnect(),
  }
}
