import { createGroupReader } from '../../broker/group-state/reader.ts'
import { createTopicWriter, type OutgoingRecord } from '../../broker/topics/topic-writer.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import {
  GROUP_HEADER,
  HANDLER_HEADER,
  REDRIVES_HEADER,
  redrivesOf,
} from '../../kernel/shapes/dead-letter.ts'
import { headersFrom } from '../../kernel/shapes/record.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { brokerOptions } from '../room-options.ts'
import type { OpenedStore } from './open.ts'
import type { Plan } from './plan.ts'
import { topicsByGroup } from './wanted.ts'

/** Stands for every group. */
export const ALL = 'all'

/** Where letters are sent. */
export interface Destination {
  /** For messages: `to their topics`. */
  readonly text: string
  /**
   * Rejects if nothing could be sent, or nobody would take it: a topic is missing, the brokers are
   * unavailable, a group does not read the topic.
   * @param topics Original topics, by the letters' group.
   */
  check(topics: Plan['topics']): Promise<void>
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

export interface TopicDestinationOptions {
  /** All to this topic; undefined: to their original topics. */
  readonly toTopic: string | undefined
  /** The only group that handles them, or ALL; undefined: each letter's own, without `toTopic`. */
  readonly toGroup: string | undefined
}

/** To topics of the consumed cluster. */
export function createTopicDestination(
  { config, log, embedded }: OpenedStore,
  { toTopic, toGroup }: TopicDestinationOptions,
): Destination {
  const own = config.kafka.groupId
  const ourTopics = topicsByGroup(config, embedded)
  const writer = createTopicWriter(brokerOptions(config), log)

  /** null: every group handles it. */
  function groupFor(group: string | null): string | null {
    if (toGroup !== undefined) return toGroup === ALL ? null : toGroup
    return toTopic === undefined ? (group ?? own) : null
  }

  /** Nobody would handle records for a group that does not read their topic. */
  async function checkGroup(groupId: string, topics: readonly string[]): Promise<void> {
    const reader = createGroupReader(brokerOptions(config), { topics, groupId }, log)
    try {
      const { offsets } = await reader.read()
      for (const topic of topics) {
        const isRead = offsets.some((one) => one.topic === topic && one.committed !== null)
        if (!isRead) throw notRead(groupId, topic)
      }
    } finally {
      await reader.close()
    }
  }

  /** A group of this configuration need not have committed yet, but it must have the topics. */
  function checkOwnGroup(groupId: string, topics: readonly string[]): void {
    const unread = topics.find((topic) => ourTopics.get(groupId)?.includes(topic) === false)
    if (unread !== undefined) throw notRead(groupId, unread, 'does not read')
  }

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
    async check(topics) {
      const wanted = Array.from(topics, ([group, original]) => ({
        groupId: groupFor(group),
        to: toTopic === undefined ? [...original] : [toTopic],
      }))
      // First what the configuration tells: that needs no brokers.
      for (const { groupId, to } of wanted) if (groupId !== null) checkOwnGroup(groupId, to)
      await writer.check([...new Set(wanted.flatMap(({ to }) => to))])
      for (const { groupId, to } of wanted) {
        if (groupId !== null && !ourTopics.has(groupId)) await checkGroup(groupId, to)
      }
    },
    async deliver(letters) {
      const records = letters.map((letter) => redriven(letter, toTopic, groupFor(letter.group)))
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

function notRead(group: string, topic: string, why = 'has no committed offset of'): OccError {
  return new OccError(
    'OCC_REDRIVE_GROUP',
    `The group ${group} ${why} ${topic}, so nobody would handle what is sent for it. Name a group that reads ${topic} with dlq redrive --to-group NAME, or send to every group with --to-group all.`,
  )
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
export function redriven(
  letter: StoredLetter,
  toTopic: string | undefined,
  group: string | null,
): OutgoingRecord {
  const { record } = letter
  return {
    topic: toTopic ?? record.topic,
    key: record.key,
    value: record.value,
    headers: redriveHeaders(letter, group, [TIMESTAMP_HEADER, String(record.timestamp)]),
    timestamp: null,
    // To its original partition, where its key belongs; in another topic by the key.
    partition: toTopic === undefined || record.key === null ? record.partition : null,
  }
}

/**
 * The original headers, and ours: how often the record was redriven, and the handlers that it is
 * for, if the letter names them.
 *
 * @param group The only group that handles it; null: every group.
 */
export function redriveHeaders(
  { record, handler, redrives }: StoredLetter,
  group: string | null,
  ...more: ReadonlyArray<readonly [string, string]>
) {
  return headersFrom([
    // An earlier redrive may have been for another group.
    ...Object.entries(record.headers ?? {}).filter(([name]) => name !== GROUP_HEADER),
    [REDRIVES_HEADER, String(Math.max(redrives, redrivesOf(record)) + 1)],
    ...(handler === null ? [] : [[HANDLER_HEADER, handler] as const]),
    ...(group === null ? [] : [[GROUP_HEADER, group] as const]),
    ...more,
  ])
}
