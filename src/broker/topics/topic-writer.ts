import { CompressionTypes, type IHeaders, type Message, Partitioners } from 'kafkajs'
import type { Compression } from '../../kernel/compression.ts'
import { OccError } from '../../kernel/errors.ts'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { headersFrom, partitionName, type RecordHeader } from '../../kernel/shapes/record.ts'
import { type Client, createClient } from '../connection/client.ts'
import { allowNullHeaders, toKafkajsHeader } from '../connection/null-headers.ts'
import { explain } from '../errors.ts'
import type { BrokerOptions } from '../types.ts'
import { registerZstd } from './codecs.ts'
import { mayBeMisspelled, withTopicHint } from './topic-hint.ts'

export interface OutgoingRecord {
  readonly topic: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** null is sent as null; several with one name are sent in order. */
  readonly headers: Readonly<Record<string, RecordHeader | undefined>>
  /** Milliseconds since the epoch; null: now. */
  readonly timestamp: number | null
  /** Modulo the number of partitions; null: by the key, as in Java's clients. */
  readonly partition: number | null
}

/** As kafkajs names them. */
export const compressionTypes: Record<Compression, CompressionTypes> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

/** Writes records that must not be lost. */
export interface TopicWriter {
  /**
   * Resolves when all records are acknowledged by all in-sync replicas. Rejects if one is not; then
   * some may have been written. Errors: OCC_TOPIC_UNKNOWN, OCC_RECORD_TOO_LARGE,
   * OCC_TIMESTAMP_REFUSED, or why the brokers could not be reached. One call at a time. Only the
   * brokers limit the size. @param compression none by default; snappy and lz4 need `registerCodecs`
   */
  write(records: readonly OutgoingRecord[], compression?: Compression): Promise<void>
  /** Connects; rejects with OCC_TOPIC_UNKNOWN if one of the topics does not exist. */
  check(topics: readonly string[]): Promise<void>
  close(): Promise<void>
}

const CLOSE_DEADLINE = 5_000
const byKey = Partitioners.DefaultPartitioner()

/** @param section the configuration section of the options, for remedies */
export function createTopicWriter(
  options: BrokerOptions,
  log: Log,
  section = 'kafka',
): TopicWriter {
  let connected: ReturnType<typeof connect> | null = null
  /** Chosen once per send: kafkajs asks again at each retry. */
  let chosen = new Map<Message, number>()

  const partitioner = () => (about: Parameters<typeof byKey>[0]) => {
    let partition = chosen.get(about.message)
    if (partition === undefined) {
      partition = choose(about)
      chosen.set(about.message, partition)
    }
    return partition
  }

  async function connect() {
    allowNullHeaders()
    registerZstd()
    const client = createClient(options, log)
    const producer = client.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
      metadataMaxAge: 60_000,
    })
    try {
      await producer.connect()
      return { client, producer }
    } catch (error) {
      await producer.disconnect().catch(() => {})
      throw explained(error, `Connecting to ${options.brokers.join(', ')} to write`, client)
    }
  }

  async function disconnect(): Promise<void> {
    const old = connected
    connected = null
    const parts = await old?.catch(() => null)
    if (parts)
      await withDeadline(parts.producer.disconnect(), CLOSE_DEADLINE, 'Leaving').catch(() => {})
  }

  function explained(error: unknown, doing: string, client: Client): OccError {
    return explain(error, doing, client.socketErrors, {
      ...{ section, writing: true, givenBy: options.givenBy },
    })
  }

  async function write(
    records: readonly OutgoingRecord[],
    compression: Compression = 'none',
  ): Promise<void> {
    chosen = new Map()
    connected ??= connect()
    // Use a new client after any error: kafkajs keeps asking for a deleted topic.
    try {
      const { client, producer } = await connected
      const topics = [...new Set(records.map(({ topic }) => topic))]
      const topicMessages = topics.map((topic) => ({
        topic,
        messages: records.filter((record) => record.topic === topic).map(toMessage),
      }))
      try {
        const acknowledged = await producer.sendBatch({
          acks: -1,
          compression: compressionTypes[compression],
          topicMessages,
        })
        checkAll(topicMessages, acknowledged)
      } catch (error) {
        throw explained(error, `Writing to ${topics.map((name) => `"${name}"`).join(', ')}`, client)
      }
    } catch (error) {
      await disconnect()
      throw error
    }
  }

  /** kafkajs resolves without sending records for which it found no partition or leader. */
  function checkAll(
    sent: ReadonlyArray<{ topic: string; messages: readonly Message[] }>,
    acknowledged: ReadonlyArray<{ topicName: string; partition: number; errorCode: number }>,
  ): void {
    const safe = new Set(
      acknowledged
        .filter(({ errorCode }) => errorCode === 0)
        .map(({ topicName: topic, partition }) => partitionName({ topic, partition })),
    )
    for (const { topic, messages } of sent) {
      for (const message of messages) {
        const name = partitionName({ topic, partition: chosen.get(message) ?? -1 })
        if (safe.has(name)) continue
        throw new OccError(
          'OCC_NOT_ACKNOWLEDGED',
          `Writing to ${name}: the brokers did not acknowledge the records; a leader may be moving.`,
          { retriable: true },
        )
      }
    }
  }

  return {
    write,
    async check(topics) {
      const client = createClient(options, log)
      const admin = client.kafka.admin()
      try {
        await admin.connect()
        if (topics.length > 0) await admin.fetchTopicMetadata({ topics: [...topics] })
      } catch (error) {
        const names = topics.map((name) => `"${name}"`).join(', ')
        const problem = explained(error, `Reading ${names}`, client)
        const [topic, ...others] = topics
        if (topic === undefined || others.length > 0 || !mayBeMisspelled(problem)) throw problem
        throw withTopicHint(problem, topic, await admin.listTopics().catch(() => []))
      } finally {
        await admin.disconnect().catch(() => {})
      }
    },
    close: disconnect,
  }
}

function toMessage({ key, value, headers, timestamp, partition }: OutgoingRecord): Message {
  return {
    key,
    value,
    headers: toKafkajsHeaders(headers),
    ...(timestamp === null ? {} : { timestamp: String(timestamp) }),
    ...(partition === null ? {} : { partition }),
  }
}

function toKafkajsHeaders(headers: OutgoingRecord['headers']): IHeaders {
  const names = Object.entries(headers)
  return headersFrom(names.map(([name, header]) => [name, toKafkajsHeader(header)])) as IHeaders
}

function choose(about: Parameters<typeof byKey>[0]): number {
  const { message, partitionMetadata } = about
  if (message.partition === undefined) return byKey(about)
  const partitions = partitionMetadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  return partitions[message.partition % partitions.length] ?? 0
}
