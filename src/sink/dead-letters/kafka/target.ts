import type { NewTopic, TopicAdmin } from '../../../broker/topics/topic-admin.ts'
import type { OutgoingRecord, TopicWriter } from '../../../broker/topics/topic-writer.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { type DeadLetter, type DeadLetterTarget, letterBytes } from '../../../kernel/dead-letter.ts'
import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import { createBatcher } from '../../batcher.ts'
import { letterToHeaders } from './letter-headers.ts'

export interface KafkaTargetOptions {
  /** Name of the topic for letters of a topic, with `{topic}` in it: `{topic}.dlq`. */
  readonly topicPattern: string
  /** Topics that are consumed: where their letters would go is looked at beforehand. */
  readonly topics: readonly string[]
  /** How a missing topic is made; null: it is not. */
  readonly create: Pick<NewTopic, 'partitions' | 'replication'> | null
}

export interface KafkaTargetParts {
  readonly writer: TopicWriter
  readonly admin: TopicAdmin
  readonly clock: Clock
  /** Told of what endangers letters and can be borne: a topic that forgets. */
  warn(text: string): void
}

/** The topic that holds the letters of a topic. */
export function deadLetterTopic(pattern: string, topic: string): string {
  return pattern.replaceAll('{topic}', topic)
}

interface ReadyTopic {
  /** Whether it keeps its records. */
  readonly forEver: boolean
  /** Most bytes of a batch, as it is sent; null where this user may not look. */
  readonly mostBytes: string | null
}

const MAX_BYTES = String(64 * 1024 ** 2)

/** Most characters of the error's message, where the letter does not fit with those of the try before. */
const CUTS = [Number.POSITIVE_INFINITY, 200, 0]

/** Milliseconds since the epoch; brokers and kafkajs are sure of no others. */
const EARLIEST = 1_000_000_000_000

/**
 * Keeps dead letters in Kafka topics: key and value as they were, the record's headers and behind
 * them the letter's. Resolves when all replicas in sync have the letter.
 */
export function createKafkaTarget(
  options: KafkaTargetOptions,
  parts: KafkaTargetParts,
): DeadLetterTarget {
  const { topicPattern, topics, create } = options
  const { writer, admin, clock, warn } = parts
  /** Topics that were found to be fit. */
  const ready = new Map<string, ReadyTopic>()

  async function prepare(topic: string): Promise<void> {
    if (ready.has(topic)) return
    const { exists, config } = await admin.look(topic)
    if (!exists) {
      await make(topic)
      ready.set(topic, { forEver: true, mostBytes: MAX_BYTES })
      return
    }
    if (config === null) {
      warn(
        `This user may not see the settings of "${topic}" (it takes DescribeConfigs on the topic): whether the brokers delete its dead letters by age is not known.`,
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
    const mostBytes = config?.get('max.message.bytes') ?? null
    ready.set(topic, { forEver: retention < 0, mostBytes })
  }

  async function make(topic: string): Promise<void> {
    if (create === null) throw missing(topic)
    const config = {
      // By the brokers' default, letters would be gone after a week.
      'retention.ms': '-1',
      'cleanup.policy': 'delete',
      // A letter is larger than its record: it has more headers, and may be compressed less.
      'max.message.bytes': MAX_BYTES,
    }
    await admin.create({ topic, ...create, config })
  }

  async function write(letters: readonly DeadLetter[]): Promise<void> {
    for (const { record } of letters) await prepare(deadLetterTopic(topicPattern, record.topic))
    const [only, ...others] = letters
    if (only === undefined || others.length > 0) await send(letters, Number.POSITIVE_INFINITY)
    else await sendAlone(only)
  }

  /** With less and less of what a letter can do without. */
  async function sendAlone(letter: DeadLetter): Promise<void> {
    let tooLarge: unknown = null
    for (const mostMessage of CUTS) {
      try {
        if (tooLarge === null || letter.error.message.length > mostMessage) {
          await send([letter], mostMessage)
          return
        }
      } catch (error) {
        if (codeOf(error) !== 'OCC_RECORD_TOO_LARGE') throw error
        tooLarge = error
      }
    }
    const topic = deadLetterTopic(topicPattern, letter.record.topic)
    const mostBytes = ready.get(topic)?.mostBytes ?? null
    // Looked at again with the next letter: it may take more by then.
    ready.delete(topic)
    throw tooLargeFor(topic, mostBytes, tooLarge)
  }

  async function send(letters: readonly DeadLetter[], mostMessage: number): Promise<void> {
    const records = letters.map((letter) => toRecord(letter, mostMessage))
    try {
      await writer.write(records, 'zstd')
    } catch (error) {
      // It may have been deleted, and then it may have to be made again.
      if (codeOf(error) === 'OCC_TOPIC_UNKNOWN') ready.clear()
      const [only, ...others] = records
      if (codeOf(error) !== 'OCC_TIMESTAMP_REFUSED' || only === undefined || others.length > 0) {
        throw error
      }
      await writer.write([{ ...only, timestamp: null }], 'zstd')
    }
  }

  function toRecord(letter: DeadLetter, mostMessage: number): OutgoingRecord {
    const { key, value, timestamp, partition } = letter.record
    const topic = deadLetterTopic(topicPattern, letter.record.topic)
    // A header keeps the timestamp in any case. As the time of this record it would make brokers
    // that delete by age delete the letter early, maybe at once.
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

  // A batch of a partition counts as one message: far below the 1 MiB that brokers take by default.
  const batcher = createBatcher({
    write,
    sizeOf: letterBytes,
    maxItems: 200,
    maxBytes: 500_000,
    isolates,
  })

  return {
    keep: (letter) => batcher.add(letter),
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
    `A dead letter is larger than the topic "${topic}" takes, compressed and without the text of its error: raise max.message.bytes of the topic${limit}, or set deadLetters.fallback to file, which keeps such letters in deadLetters.file.folder. [${messageOf(cause)}]`,
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
    `The topic "${topic}" for dead letters is compacted, which loses all but one letter of a key: set its cleanup.policy to delete.`,
    { retriable: true },
  )
}
