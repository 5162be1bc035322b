import { brokerOptions } from '../../app/room-options.ts'
import { createTopicWriter, type OutgoingRecord } from '../../broker/topics/topic-writer.ts'
import { HANDLER_HEADER, REDRIVES_HEADER, redrivesOf } from '../../kernel/dead-letter.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import { headersFrom } from '../../kernel/record.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import type { OpenedStore } from './store.ts'

/** Where letters are sent. */
export interface Destination {
  /** `to their topics`, for messages. */
  readonly text: string
  /** Rejects when nothing could be sent: a topic is missing, the brokers are away. */
  check(topics: ReadonlySet<string>): Promise<void>
  /**
   * Sends letters of one topic. For each null, or why it was not taken; such a letter stays. Rejects
   * when it is not known what became of them, or with `refused` when none of them was sent.
   */
  deliver(letters: readonly StoredLetter[]): Promise<ReadonlyArray<string | null>>
  close(): Promise<void>
}

/** The letter's time on the topic it came from; its own is that of the redrive. */
const TIMESTAMP_HEADER = 'occ-original-timestamp'

/** To the topic that each came from, or all to one, on the cluster that the service consumes. */
export function createTopicDestination(
  { config, log }: OpenedStore,
  toTopic: string | undefined,
): Destination {
  const writer = createTopicWriter(brokerOptions(config), log)

  async function writeSmaller(records: readonly OutgoingRecord[]): Promise<string | null> {
    try {
      await writer.write(records, 'gzip')
      return null
    } catch (error) {
      if (codeOf(error) !== 'OCC_RECORD_TOO_LARGE') throw error
      return `${codeOf(error)}: ${messageOf(error)}`
    }
  }

  return {
    text: toTopic === undefined ? 'to the topics they came from' : `to ${toTopic}`,
    check: (topics) => writer.check(toTopic === undefined ? [...topics] : [toTopic]),
    async deliver(letters) {
      const records = letters.map((letter) => redriven(letter, toTopic))
      try {
        await writer.write(records)
      } catch (error) {
        // Nothing of a single one was written. It may have come compressed; every client reads gzip.
        if (records.length > 1 || codeOf(error) !== 'OCC_RECORD_TOO_LARGE') throw error
        return [await writeSmaller(records)]
      }
      return letters.map(() => null)
    },
    close: () => writer.close(),
  }
}

/** Errors of a write that none of its records got through. */
export function isRefusal(error: unknown): boolean {
  return ['OCC_TOPIC_UNKNOWN', 'OCC_TOPIC_WRITE_NOT_AUTHORIZED', 'OCC_AUTHENTICATION'].includes(
    codeOf(error),
  )
}

/**
 * Key, value and headers as they were, and ours. With the time of now: brokers that delete by age
 * might delete a record of its old time before anybody has read it.
 */
export function redriven(letter: StoredLetter, toTopic: string | undefined): OutgoingRecord {
  const { record, handler, redrives } = letter
  return {
    topic: toTopic ?? record.topic,
    key: record.key,
    value: record.value,
    headers: headersFrom([
      ...Object.entries(record.headers ?? {}),
      [REDRIVES_HEADER, String(Math.max(redrives, redrivesOf(record)) + 1)],
      ...(handler === null ? [] : [[HANDLER_HEADER, handler] as const]),
      [TIMESTAMP_HEADER, String(record.timestamp)],
    ]),
    timestamp: null,
    // Back to its partition, where those of its key are; elsewhere by the key.
    partition: toTopic === undefined || record.key === null ? record.partition : null,
  }
}
