import type { Admin } from 'kafkajs'
import { withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { type Client, createClient } from '../connection/client.ts'
import { explain, protocolType } from '../errors.ts'
import { decodeMetadata } from '../offsets/commit-metadata.ts'
import { toOffset } from '../offsets/to-offset.ts'
import { readRetention } from '../topics/topic-retention.ts'
import type { BrokerOptions, PartitionOffsets } from '../types.ts'
import { type GroupMembers, membersOf } from './members.ts'

export interface GroupReading {
  readonly offsets: readonly PartitionOffsets[]
  readonly members: GroupMembers | null
  /** Milliseconds, by topic, where it is limited and may be seen. */
  readonly retention: Readonly<Record<string, number>>
}

export interface GroupReader {
  /** Rejects with an explained error; the next call connects anew. Not twice at the same time. */
  read(): Promise<GroupReading>
  close(): Promise<void>
}

interface Range {
  readonly low: number
  readonly end: number
}

/** One life of connections, and which of the topics it has seen. */
interface Session {
  readonly client: Client
  readonly admin: Admin
  readonly seen: Set<string>
}

const DISCONNECT_DEADLINE = 1_000
/** Milliseconds: somebody changes it once in a while. */
const RETENTION_AGE = 600_000

/**
 * Reads where the whole group is, all pods together. On connections of its own, kept between two
 * readings: on the consumer's it would wait behind fetches, and behind a join for a minute.
 */
export function createGroupReader(
  broker: BrokerOptions,
  { topics, groupId }: { readonly topics: readonly string[]; readonly groupId: string },
  log: Log,
): GroupReader {
  let session: Session | null = null
  /** Kept over sessions; read anew when it is old, or a topic has come. */
  let retention: GroupReading['retention'] = {}
  let retentionOf = { topics: 0, at: 0 }

  async function read(): Promise<GroupReading> {
    const current = session ?? open()
    try {
      return await withDeadline(readGroup(current), broker.requestTimeout, 'Reading offsets')
    } catch (error) {
      // kafkajs goes on asking for a topic that is gone, and fails with it for all others.
      await close()
      const doing = `Reading the offsets of the group "${groupId}"`
      throw explain(error, doing, current.client.socketErrors)
    }
  }

  /** @throws OccError where a file of the credentials cannot be read */
  function open(): Session {
    const client = createClient(broker, log)
    session = { client, admin: client.kafka.admin(), seen: new Set() }
    return session
  }

  async function readGroup(current: Session): Promise<GroupReading> {
    // kafkajs asks for the metadata of all topics of the cluster until it was asked for one.
    if (current.seen.size === 0) {
      await current.admin.connect()
      await readRanges(current)
    }
    if (current.seen.size === 0) return { offsets: [], members: null, retention }
    // Before the end offsets: read after them, a committed offset could be beyond the end.
    const committed = await readCommitted(current)
    const ranges = await readRanges(current)
    const offsets = ranges.flatMap(({ topic, partitions }) =>
      Array.from(partitions, ([partition, range]) => {
        const found = committed.get(`${topic}/${partition}`)
        const { offset = null, metadata = null } = found ?? {}
        const { partitions: partitionsThen } = decodeMetadata(metadata, 0)
        return { topic, partition, ...range, committed: offset, partitionsThen }
      }),
    )
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
    // Without topics: all that the group has, in one request.
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
      for (const { partition, offset, metadata } of partitions) {
        if (toOffset(offset) < 0) continue
        committed.set(`${topic}/${partition}`, { offset: toOffset(offset), metadata })
      }
    }
    return committed
  }

  /** Of the topics that exist. Asks for the metadata again, so new partitions are among them. */
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
      // One that was there before is gone: this session is of no use any more.
      if (!missing || seen.has(topic)) throw error
      return null
    }
  }

  async function close(): Promise<void> {
    const ending = session?.admin.disconnect()
    session = null
    if (ending === undefined) return
    await withDeadline(ending, DISCONNECT_DEADLINE, 'Disconnecting').catch(() => {})
  }

  return { read, close }
}
