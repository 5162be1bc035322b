import type { Admin } from 'kafkajs'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { type Client, createClient } from '../connection/client.ts'
import { explain, protocolType } from '../errors.ts'
import { decodeMetadata, isOfOtherTopic } from '../offsets/commit-metadata.ts'
import { toOffset } from '../offsets/to-offset.ts'
import { readRetention } from '../topics/topic-retention.ts'
import type { BrokerOptions, PartitionOffsets } from '../types.ts'
import { type GroupMembers, membersOf } from './members.ts'

export interface GroupReading {
  readonly offsets: readonly PartitionOffsets[]
  readonly members: GroupMembers | null
  /** Retention by topic in milliseconds; only topics with a limit that is visible to us. */
  readonly retention: Readonly<Record<string, number>>
}

export interface GroupReader {
  /** Rejects with an explained error; the next call reconnects. One call at a time. */
  read(): Promise<GroupReading>
  close(): Promise<void>
}

interface Range {
  readonly low: number
  readonly end: number
}

/** The connections in use, and the topics they have seen. */
interface Session {
  readonly client: Client
  readonly admin: Admin
  readonly seen: Set<string>
  readonly links: Links
  /** For the ids of the topics, which kafkajs does not ask for. */
  readonly metadata: Metadata
}

const DISCONNECT_DEADLINE = 1_000
/** Milliseconds. Retention rarely changes. */
const RETENTION_AGE = 600_000

/**
 * Reads the offsets of the whole group, over all pods. It has its own connections, kept between
 * readings: on the consumer's it would wait behind fetches, and up to a minute behind a join.
 */
export function createGroupReader(
  broker: BrokerOptions,
  { topics, groupId }: { readonly topics: readonly string[]; readonly groupId: string },
  log: Log,
): GroupReader {
  let session: Session | null = null
  /** Kept across sessions; read again when it is old or a topic was added. */
  let retention: GroupReading['retention'] = {}
  let retentionOf = { topics: 0, at: 0 }

  async function read(): Promise<GroupReading> {
    const current = session ?? open()
    try {
      return await withDeadline(readGroup(current), broker.requestTimeout, 'Reading offsets')
    } catch (error) {
      // kafkajs keeps asking for a deleted topic, and fails for all others with it.
      await close()
      const doing = `Reading the offsets of the group "${groupId}"`
      throw explain(error, doing, current.client.socketErrors)
    }
  }

  /** @throws OccError if a credentials file cannot be read */
  function open(): Session {
    const client = createClient(broker, log)
    const links = new Links(broker, log)
    const metadata = new Metadata(links, RETENTION_AGE, systemClock, log, () => {})
    metadata.watch(topics)
    session = { client, admin: client.kafka.admin(), seen: new Set(), links, metadata }
    return session
  }

  async function readGroup(current: Session): Promise<GroupReading> {
    // Until it is asked for a topic, kafkajs requests the metadata of all topics of the cluster.
    if (current.seen.size === 0) {
      await current.admin.connect()
      await readRanges(current)
    }
    if (current.seen.size === 0) return { offsets: [], members: null, retention }
    // Before the end offsets; otherwise a committed offset could be beyond the end.
    const committed = await readCommitted(current)
    const ranges = await readRanges(current)
    await current.metadata.refresh()
    const offsets = ranges.flatMap(({ topic, partitions }) => {
      const now = current.metadata.topic(topic)?.topicId ?? null
      return Array.from(partitions, ([partition, range]) => {
        const found = committed.get(`${topic}/${partition}`)
        const { offset = null, metadata = null } = found ?? {}
        const { partitions: partitionsThen, topicId: then } = decodeMetadata(metadata, 0)
        const place = { topic, partition, ...range }
        // Of a topic that was deleted: its successor is read from its first record.
        if (isOfOtherTopic(then, now))
          return { ...place, committed: range.low, partitionsThen: null }
        return { ...place, committed: offset, partitionsThen }
      })
    })
    await refreshRetention(current)
    return { offsets, members: await membersOf(current.admin, groupId), retention }
  }

  async function refreshRetention({ admin, seen }: Session): Promise<void> {
    const now = performance.now()
    if (retentionOf.topics === seen.size && now - retentionOf.at < RETENTION_AGE) return
    retention = await readRetention(admin, seen)
    retentionOf = { topics: seen.size, at: now }
  }

  async function readCommitted({ admin }: Session) {
    const committed = new Map<string, { offset: number; metadata: string | null }>()
    // Without topics it returns all offsets of the group, in one request.
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
      for (const { partition, offset, metadata } of partitions) {
        if (toOffset(offset) < 0) continue
        committed.set(`${topic}/${partition}`, { offset: toOffset(offset), metadata })
      }
    }
    return committed
  }

  /** Offsets of the topics that exist. Refreshes the metadata, so new partitions are included. */
  async function readRanges(current: Session) {
    const ranges: Array<{ topic: string; partitions: Map<number, Range> }> = []
    for (const topic of topics) {
      const partitions = await readTopic(current, topic)
      if (partitions !== null) ranges.push({ topic, partitions })
    }
    return ranges
  }

  async function readTopic({ admin, seen }: Session, topic: string) {
    try {
      const found = await admin.fetchTopicOffsets(topic)
      seen.add(topic)
      return new Map(
        found.map(({ partition, low, high }) => [
          partition,
          { low: toOffset(low), end: toOffset(high) },
        ]),
      )
    } catch (error) {
      const missing = protocolType(error) === 'UNKNOWN_TOPIC_OR_PARTITION'
      // A topic was deleted: this session cannot be used any more.
      if (!missing || seen.has(topic)) throw error
      return null
    }
  }

  async function close(): Promise<void> {
    const ending = session?.admin.disconnect()
    session?.metadata.stop()
    session?.links.close()
    session = null
    if (ending === undefined) return
    await withDeadline(ending, DISCONNECT_DEADLINE, 'Disconnecting').catch(() => {})
  }

  return { read, close }
}
