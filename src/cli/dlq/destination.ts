import { brokerOptions } from '../../app/room-options.ts'
import { createTopicWriter, type OutgoingRecord } from '../../broker/topics/topic-writer.ts'
import { HANDLER_HEADER, REDRIVES_HEADER, redrivesOf } from '../../kernel/dead-letter.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import { headersFrom } from '../../kernel/record.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import type { OpenedStore } from './store.ts'

/** Where letters are sent. */
export interface Destination {
  /** For messages: `to their topics`. */
  readonly text: string
  /** Rejects if nothing could be sent: a topic is missing or the brokers are unavailable. */
  check(topics: ReadonlySet<string>): Promise<void>
  /**
   * Sends letters of one topic. Resolves, for each letter, with null or the reason why it was
   * refused (a refused letter stays). Rejects if their fate is unknown, or with `refused` if none
   * was sent.
   */
  deliver(letters: readonly StoredLetter[]): Promise<ReadonlyArray<string | null>>
  close(): Promise<void>
}

/** The original timestamp; the sent record carries the time of the redrive. */
const TIMESTAMP_HEADER = 'occ-original-timestamp'

/** To each letter's original topic, or all to one topic, on the consumed cluster. */
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
        // None of the batch was written. It may have come compressed; every client reads gzip.
        if (records.length > 1 || codeOf(error) !== 'OCC_RECORD_TOO_LARGE') throw error
        return [await writeSmaller(records)]
      }
      return letters.map(() => null)
    },
    close: () => writer.close(),
  }
}

/** Write errors that mean that no record was written. */
export function isRefusal(error: unknown): boolean {
  return ['OCC_TOPIC_UNKNOWN', 'OCC_TOPIC_WRITE_NOT_AUTHORIZED', 'OCC_AUTHENTICATION'].includes(
    codeOf(error),
  )
}

/**
 * The original key, value and headers, plus ours, with the current time: brokers that delete by age
 * might delete a record with its old timestamp before anybody has read it.
 */
export function redriven(letter: StoredLetter, toTopic: string | undefined): OutgoingRecord {
  const { record } = letter
  return {
    topic: toTopic ?? record.topic,
    key: record.key,
    value: record.value,
    headers: redriveHeaders(letter, [TIMESTAMP_HEADER, String(record.timestamp)]),
    timestamp: null,
    // To its original partition, where its key belongs; in another topic by the key.
    partition: toTopic === undefined || record.key === null ? record.partition : null,
  }
}

/**
 * The original headers, and ours: how often the record was redriven, and the handlers that it is
 * for, if the letter names them.
 */
export function redriveHeaders(
  { record, handler, redrives }: StoredLetter,
  ...more: ReadonlyArray<readonly [string, string]>
) {
  return headersFrom([
    ...Object.entries(record.headers ?? {}),
    [REDRIVES_HEADER, String(Math.max(redrives, redrivesOf(record)) + 1)],
    ...(handler === null ? [] : [[HANDLER_HEADER, handler] as const]),
    ...more,
  ])
}
