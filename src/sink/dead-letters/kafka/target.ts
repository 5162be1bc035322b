import type { NewTopic, TopicAdmin } from '../../../broker/topics/topic-admin.ts'
import type { OutgoingRecord, TopicWriter } from '../../../broker/topics/topic-writer.ts'
import type { Compression } from '../../../kernel/compression.ts'
import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import {
  type DeadLetter,
  type DeadLetterTarget,
  letterBytes,
} from '../../../kernel/shapes/dead-letter.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { createBatcher } from '../../batcher.ts'
import { errorText } from '../error-text.ts'
import { letterToHeaders } from './letter-headers.ts'

export interface KafkaTargetOptions {
  /** Name pattern of dead-letter topics, containing `{topic}`: `{topic}.dlq`. */
  readonly topicPattern: string
  /** Consumed topics: their dead-letter topics are checked in advance. */
  readonly topics: readonly string[]
  /** Settings for creating a missing topic; null: it is not created. */
  readonly create: Pick<NewTopic, 'partitions' | 'replication'> | null
  /** Default: zstd. */
  readonly compression?: Compression
}

export interface KafkaTargetParts {
  readonly writer: TopicWriter
  readonly admin: TopicAdmin
  readonly clock: Clock
  /** Reports a tolerable danger for letters: a topic that deletes them. */
  warn(text: string): void
}

/** The topic for the letters of a topic. */
export function deadLetterTopic(pattern: string, topic: string): string {
  return pattern.replaceAll('{topic}', topic)
}

interface ReadyTopic {
  /** Whether it keeps its records forever. */
  readonly forEver: boolean
}

/** Maximum characters of the error's message and stack, for successive attempts to fit the topic's limit. */
const CUTS = [Number.POSITIVE_INFINITY, 200, 0]

/** Milliseconds since the epoch; brokers and kafkajs handle no earlier timestamps reliably. */
const EARLIEST = 1_000_000_000_000

/**
 * Keeps dead letters in Kafka topics: the original key and value, and the record's headers followed
 * by those of the letter. Resolves when all in-sync replicas have the letter.
 */
export function createKafkaTarget(
  options: KafkaTargetOptions,
  parts: KafkaTargetParts,
): DeadLetterTarget {
  const { topicPattern, topics, create, compression = 'zstd' } = options
  const { writer, admin, clock, warn } = parts
  /** Topics that were found usable. */
  const ready = new Map<string, ReadyTopic>()

  async function prepare(topic: string): Promise<void> {
    if (ready.has(topic)) return
    const { exists, config } = await admin.look(topic)
    if (!exists) {
      await make(topic)
      ready.set(topic, { forEver: true })
      return
    }
    if (config === null) {
      warn(
        `This user may not see the settings of "${topic}" (it needs DescribeConfigs on the topic): it is unknown whether the brokers delete its dead letters by age.`,
      )
    }
    if (config?.get('cleanup.policy')?.includes('compact')) throw compacted(topic)
    const retention = Number(config?.get('retention.ms') ?? Number.NaN)
    if (retention >= 0) {
      const hours = (retention / 3_600_000).toFixed(1)
      warn(
        `The brokers delete dead letters in "${topic}" after ${hours} h (retention.ms); set it to -1 to keep them until they are handled.`,
      )
    }
    ready.set(topic, { forEver: retention < 0 })
  }

  async function make(topic: string): Promise<void> {
    if (create === null) throw missing(topic)
    const config = {
      // With the brokers' default, letters would be gone after a week.
      'retention.ms': '-1',
      'cleanup.policy': 'delete',
      // A letter is larger than its record: it has more headers and may compress less well.
      'max.message.bytes': String(64 * 1024 ** 2),
    }
    await admin.create({ topic, ...create, config })
  }

  async function write(letters: readonly DeadLetter[]): Promise<void> {
    for (const { record } of letters) await prepare(deadLetterTopic(topicPattern, record.topic))
    const [only, ...others] = letters
    if (only === undefined || others.length > 0) await send(letters, Number.POSITIVE_INFINITY)
    else await sendAlone(only)
  }

  /** Removes more of the error's stack and message with each attempt. */
  async function sendAlone(letter: DeadLetter): Promise<void> {
    let tooLarge: unknown = null
    const { length } = errorText(letter.error)
    for (const mostMessage of CUTS) {
      try {
        if (tooLarge === null || length > mostMessage) {
          await send([letter], mostMessage)
          return
        }
      } catch (error) {
        if (codeOf(error) !== 'OCC_RECORD_TOO_LARGE') throw error
        tooLarge = error
      }
    }
    throw tooLarge
  }

  /** Asks for the limit each time: it may have been raised since, but not far enough. */
  async function explain(topic: string, error: unknown): Promise<unknown> {
    if (codeOf(error) !== 'OCC_RECORD_TOO_LARGE') return error
    const facts = await admin.look(topic).catch(() => null)
    return tooLargeFor(topic, facts?.config?.get('max.message.bytes') ?? null, error)
  }

  async function send(letters: readonly DeadLetter[], mostMessage: number): Promise<void> {
    const records = letters.map((letter) => toRecord(letter, mostMessage))
    try {
      await writer.write(records, compression)
    } catch (error) {
      // It may have been deleted and need to be created again.
      if (codeOf(error) === 'OCC_TOPIC_UNKNOWN') ready.clear()
      const [only, ...others] = records
      if (codeOf(error) !== 'OCC_TIMESTAMP_REFUSED' || only === undefined || others.length > 0) {
        throw error
      }
      await writer.write([{ ...only, timestamp: null }], compression)
    }
  }

  function toRecord(letter: DeadLetter, mostMessage: number): OutgoingRecord {
    const { key, value, timestamp, partition } = letter.record
    const topic = deadLetterTopic(topicPattern, letter.record.topic)
    // A header always keeps the timestamp. As the timestamp of this record it would make brokers
    // that delete by age delete the letter too early.
    const forEver = ready.get(topic)?.forEver ?? false
    const isUsual = forEver && timestamp >= EARLIEST && timestamp <= clock.now()
    return {
      topic,
      key,
      value,
      headers: letterToHeaders(letter, mostMessage),
      timestamp: isUsual ? timestamp : null,
      partition,
    }
  }

  // A batch of a partition counts as one message: stay far below the brokers' default of 1 MiB.
  const batcher = createBatcher({
    write,
    sizeOf: letterBytes,
    maxItems: 200,
    maxBytes: 500_000,
    isolates,
  })

  return {
    async keep(letter) {
      try {
        await batcher.add(letter)
      } catch (error) {
        // Not in the batcher: other letters need not wait for it.
        throw await explain(deadLetterTopic(topicPattern, letter.record.topic), error)
      }
    },
    async check() {
      for (const topic of topics) await prepare(deadLetterTopic(topicPattern, topic))
    },
    async close() {
      await batcher.idle()
      await writer.close()
    },
  }
}

function isolates(error: unknown): boolean {
  const code = codeOf(error)
  return (
    code === 'OCC_RECORD_TOO_LARGE' ||
    code === 'OCC_TIMESTAMP_REFUSED' ||
    code === 'OCC_DEAD_LETTER_TOPIC_MISSING' ||
    code === 'OCC_DEAD_LETTER_TOPIC_COMPACTED'
  )
}

function tooLargeFor(topic: string, mostBytes: string | null, cause: unknown): OccError {
  const limit = mostBytes === null ? '' : ` (${mostBytes})`
  return new OccError(
    'OCC_RECORD_TOO_LARGE',
    `A dead letter exceeds the limit of the topic "${topic}", even compressed and without its error text: raise max.message.bytes of the topic${limit}, or set deadLetters.fallback to file, which keeps such letters in deadLetters.file.folder. [${messageOf(cause)}]`,
    { cause, retriable: true },
  )
}

function missing(topic: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTER_TOPIC_MISSING',
    `The topic "${topic}" for dead letters does not exist: create it (with retention.ms=-1), or set deadLetters.kafka.createTopic.`,
    { retriable: true },
  )
}

function compacted(topic: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTER_TOPIC_COMPACTED',
    `The topic "${topic}" for dead letters is compacted, which deletes all but one letter per key: set its cleanup.policy to delete.`,
    { retriable: true },
  )
}
