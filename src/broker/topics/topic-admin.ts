import type { Admin } from 'kafkajs'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { createClient } from '../connection/client.ts'
import { topicConfigType } from '../connection/kafkajs-internals.ts'
import { explain, protocolType } from '../errors.ts'
import type { BrokerOptions } from '../types.ts'
import { createTopic } from './create-topic.ts'

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  /** null: the brokers' default. */
  readonly replication: number | null
  readonly config: Readonly<Record<string, string>>
}

export interface TopicFacts {
  readonly exists: boolean
  /** Settings of the topic; null if this user may not read them. */
  readonly config: ReadonlyMap<string, string> | null
}

/** Occasional operations on topics, each on a connection of its own. */
export interface TopicAdmin {
  /** Creates the topic; an existing one stays as it is. */
  create(topic: NewTopic): Promise<void>
  look(topic: string): Promise<TopicFacts>
}

export function createTopicAdmin(options: BrokerOptions, log: Log, section = 'kafka'): TopicAdmin {
  async function connected<T>(doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    const { kafka, socketErrors } = createClient(options, log)
    const admin = kafka.admin()
    try {
      await admin.connect()
      return await work(admin)
    } catch (error) {
      throw explain(error, doing, socketErrors, { section, writing: true })
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  return {
    create({ topic, partitions, replication, config }) {
      return connected(`Creating the topic "${topic}"`, async (admin) => {
        try {
          await createTopic(admin, {
            topic,
            numPartitions: partitions,
            ...(replication === null ? {} : { replicationFactor: replication }),
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          })
        } catch (error) {
          const reason = reasonOf(error)
          const type = protocolType(reason)
          if (type?.endsWith('AUTHORIZATION_FAILED')) throw notAllowed(topic, section, reason)
          if (type !== 'TOPIC_ALREADY_EXISTS') throw reason
        }
      })
    },
    look(topic) {
      return connected(`Reading the topic "${topic}"`, async (admin) => {
        const names = await admin.listTopics()
        if (!names.includes(topic)) return { exists: false, config: null }
        return { exists: true, config: await configOf(admin, topic) }
      })
    },
  }
}

/** kafkajs collects an error per topic, which its outer error does not mention. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && 'errors' in error ? [error.errors].flat()[0] : error
}

function notAllowed(topic: string, section: string, cause: unknown): OccError {
  return new OccError(
    'OCC_TOPIC_CREATE_NOT_AUTHORIZED',
    `Creating the topic "${topic}": the user of ${section} is not authorized. It needs Create on this topic or on the cluster (an ACL); or have the topic created for it.`,
    { cause, retriable: true },
  )
}

/**
 * Settings of a topic, all of them or the named ones. null: they cannot be read; usually this user
 * lacks DescribeConfigs on the topic.
 */
export async function configOf(
  admin: Admin,
  topic: string,
  names: string[] = [],
): Promise<TopicFacts['config']> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: topicConfigType, name: topic, configNames: names }],
    })
    const entries = resources[0]?.configEntries ?? []
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]))
  } catch {
    return null
  }
}
