import { messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain, protocolError } from '../errors.ts'
import { firstTime } from '../fetch/first-time.ts'
import { listOffsets, type OffsetAnswer } from '../offsets/list-offsets.ts'
import { byTopic, code, logDirsApi } from '../protocol/index.ts'
import type { BrokerOptions } from '../types.ts'
import { unreadableTopic } from './topic-hint.ts'

/** What the brokers say about one partition; null: they did not say. */
export interface PartitionLog extends TopicPartition {
  /** Which topic of that name it is. */
  readonly topicId: string | null
  /** Id of a broker; null: there is none at present. */
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  /** First offset in the log. */
  readonly low: number | null
  /** The offset that the next record will get, before any open transaction. */
  readonly end: number | null
}

/** A look at the logs of topics, without a group. Connections stay open until `close`. */
export interface TopicLogs {
  /** All topics that the user may see, but for the brokers' own. */
  names(): Promise<readonly string[]>
  /**
   * Their partitions, in order. Rejects with OCC_TOPIC_UNKNOWN, or why the topic may not be read.
   * A topic that was deleted is left out with `skipMissing`.
   */
  look(topics: readonly string[], skipMissing?: boolean): Promise<readonly PartitionLog[]>
  /**
   * Timestamps of the first records from these offsets on, by name of the partition; without those
   * that have no such record, or whose leader did not answer.
   */
  timesAt(places: ReadonlyArray<TopicPartition & { offset: number }>): Promise<Map<string, number>>
  /** Bytes of the leader's replica, by name of the partition; null: the user may not ask. */
  sizes(partitions: readonly PartitionLog[]): Promise<Map<string, number> | null>
  close(): void
}

const MAX_AGE = 3_600_000

export function createTopicLogs(broker: BrokerOptions, log: Log, lz4: Lz4): TopicLogs {
  const { requestTimeout } = broker
  const links = new Links(broker, log)
  const metadata = new Metadata(links, MAX_AGE, systemClock, log, () => {})
  const first = { readUncommitted: false, lz4, timeout: requestTimeout }

  function explained<T>(doing: string, work: Promise<T>): Promise<T> {
    return work.catch((error) => {
      throw explain(error, doing, undefined, { givenBy: broker.givenBy })
    })
  }

  /** The request that `names` is made of, with its error. */
  async function allNames(): Promise<readonly string[]> {
    await explained('Reading the list of topics', metadata.refresh())
    return metadata.names()
  }

  async function refuse(topic: string, error: number): Promise<never> {
    throw unreadableTopic(protocolError(error), topic, broker, await metadata.names())
  }

  async function describe(topics: readonly string[], skipMissing: boolean) {
    metadata.watch(topics)
    await metadata.refresh()
    const found: Array<Omit<PartitionLog, 'low' | 'end'>> = []
    for (const topic of [...new Set(topics)].sort()) {
      const error = metadata.topic(topic)?.error ?? code.UNKNOWN_TOPIC_OR_PARTITION
      const isMissing = error === code.UNKNOWN_TOPIC_OR_PARTITION
      if (isMissing && skipMissing) continue
      if (error !== code.NONE && error !== code.LEADER_NOT_AVAILABLE) await refuse(topic, error)
      const topicId = metadata.topic(topic)?.topicId ?? null
      for (const partition of metadata.partitionsOf(topic)) {
        const known = metadata.partition({ topic, partition })
        const { leader = -1, replicas = [], inSync = [] } = known ?? {}
        const places = { leader: leader < 0 ? null : leader, replicas, inSync }
        found.push({ topic, partition, topicId, ...places })
      }
    }
    return found
  }

  return {
    names: allNames,
    look: (topics, skipMissing = false) =>
      explained(
        `Reading from ${broker.brokers.join(', ')}`,
        (async () => {
          const found = topics.length === 0 ? [] : await describe(topics, skipMissing)
          const cluster = { links, metadata }
          const lows = await listOffsets(cluster, found, 'first', true, requestTimeout)
          const ends = await listOffsets(cluster, found, 'end', false, requestTimeout)
          return found.map((each) => {
            const name = partitionName(each)
            return { ...each, low: offsetOf(lows.get(name)), end: offsetOf(ends.get(name)) }
          })
        })(),
      ),
    async timesAt(places) {
      const times = new Map<string, number>()
      const byLeader = Map.groupBy(places, (each) => metadata.partition(each)?.leader)
      await Promise.all(
        Array.from(byLeader.values(), async (led) => {
          for (const place of led) {
            const time = await firstTime({ links, metadata }, place, first).catch((error) => {
              log.debug({ event: 'offsets.failed', error: messageOf(error) }, 'No record')
              return null
            })
            if (time !== null) times.set(partitionName(place), time)
          }
        }),
      )
      return times
    },
    async sizes(partitions) {
      const sizes = new Map<string, number>()
      const byLeader = Map.groupBy(partitions, ({ leader }) => leader)
      for (const [leader, led] of byLeader) {
        if (leader === null) continue
        const topics = byTopic(led, ({ partition }) => partition)
        const link = links.get(leader, 'control')
        const { folders } = await link.send(logDirsApi, { topics }, requestTimeout)
        if (folders.length === 0 || folders.some(({ error }) => error !== code.NONE)) return null
        for (const { topics } of folders) {
          for (const { topic, partitions: own } of topics) {
            for (const { partition, size, isFuture } of own) {
              if (!isFuture) sizes.set(partitionName({ topic, partition }), size)
            }
          }
        }
      }
      return sizes
    },
    close() {
      metadata.stop()
      links.close()
    },
  }
}

function offsetOf(answer: OffsetAnswer | undefined): number | null {
  return answer?.kind === 'offset' && answer.offset >= 0 ? answer.offset : null
}
