import type {
  GroupOffsets,
  OffsetStore,
  OffsetToStore,
  StoredOffset,
} from '../../group/offsets/types.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { byPartitionName, partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain } from '../errors.ts'
import { firstTime } from '../fetch/first-time.ts'
import { Coordinator } from '../group/coordinator.ts'
import { refusal } from '../group/refusals.ts'
import { decodeMetadata, encodeMetadata, isOfOtherTopic } from '../offsets/commit-metadata.ts'
import { findOffsets, type OffsetQuestion } from '../offsets/list-offsets.ts'
import {
  byTopic,
  code,
  describeGroupsApi,
  offsetCommitApi,
  offsetFetchApi,
} from '../protocol/index.ts'
import { tryAgain } from '../try-again.ts'
import type { BrokerOptions } from '../types.ts'
import { ownersOf } from './owners.ts'

export interface GroupOffsetsOptions {
  readonly groupId: string
  /** Whether the group also reads records of open transactions. */
  readonly readUncommitted: boolean
}

/** Fetches at a time: each brings a whole batch. */
const AT_ONCE = 8
/** The group has members, and only they may commit. */
const ACTIVE: ReadonlySet<number> = new Set([
  code.UNKNOWN_MEMBER_ID,
  code.ILLEGAL_GENERATION,
  code.REBALANCE_IN_PROGRESS,
])

/** The offsets of a group on the brokers, read and set by somebody who is no member of it. */
export function createGroupOffsets(
  broker: BrokerOptions,
  { groupId, readUncommitted }: GroupOffsetsOptions,
  log: Log,
  lz4: Lz4,
): OffsetStore {
  const links = new Links(broker, log)
  const metadata = new Metadata(links, 3_600_000, systemClock, log, () => {})
  const coordinator = new Coordinator(links, groupId, systemClock)
  const { requestTimeout } = broker
  /** What was read last of each partition: what is stored later keeps a part of it. */
  let texts = new Map<string, string>()

  async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await tryAgain(work, () => metadata.refresh())
    } catch (error) {
      throw explain(error, doing)
    }
  }

  async function committedOffsets() {
    const request = { groupId, topics: null }
    const answer = await coordinator.send(offsetFetchApi, request, 'group', requestTimeout)
    coordinator.throwIfAway(answer.error)
    const doing = `Reading the offsets of the group "${groupId}"`
    if (answer.error !== code.NONE) throw refusal(answer.error, doing)
    return answer.topics.flatMap(({ topic, partitions }) =>
      partitions.filter(({ offset }) => offset >= 0).map((each) => ({ ...each, topic })),
    )
  }

  async function members() {
    const request = { groups: [groupId] }
    const answer = await coordinator.send(describeGroupsApi, request, 'group', requestTimeout)
    const [group] = answer.groups
    return group === undefined || group.error !== code.NONE ? null : group.members
  }

  async function read(wanted: readonly string[] | null): Promise<GroupOffsets> {
    const committed = await committedOffsets()
    const topics = [...new Set(wanted ?? committed.map(({ topic }) => topic))].sort()
    if (topics.length === 0) {
      return { members: (await members())?.length ?? null, partitions: [], table: null }
    }
    metadata.watch(topics)
    await metadata.refresh()
    for (const topic of topics) {
      const error = metadata.topic(topic)?.error ?? code.UNKNOWN_TOPIC_OR_PARTITION
      if (error !== code.NONE) throw refusal(error, `Reading the offsets of the topic "${topic}"`)
    }
    const known = topics.flatMap((topic) =>
      metadata.partitionsOf(topic).map((partition) => ({ topic, partition })),
    )
    const lows = await offsets(known, 'first')
    // After the committed offsets: one beyond the end would look like a recreated topic.
    const ends = await offsets(known, 'end')
    const present = await members()
    const owners = ownersOf(present ?? [])
    texts = new Map(committed.map((each) => [partitionName(each), each.metadata ?? '']))
    const byName = byPartitionName(committed)
    const partitions = known.map((each): StoredOffset => {
      const name = partitionName(each)
      const stored = byName.get(name)
      const then = decodeMetadata(stored?.metadata, stored?.offset ?? 0).topicId
      // Of a topic that was deleted: its successor is read from its first record, whatever is stored.
      const topicId = metadata.topic(each.topic)?.topicId ?? null
      const isOther = isOfOtherTopic(then, topicId)
      const found = isOther ? undefined : stored
      const { move, replay, skippedFrom } = decodeMetadata(found?.metadata, found?.offset ?? 0)
      return {
        ...each,
        low: lows.get(name) ?? 0,
        end: ends.get(name) ?? 0,
        committed: found?.offset ?? null,
        topicId,
        move,
        replay,
        skippedFrom,
        owner: owners.get(name) ?? null,
      }
    })
    return { members: present?.length ?? null, partitions, table: null }
  }

  function offsets(partitions: readonly TopicPartition[], which: OffsetQuestion) {
    return findOffsets({ links, metadata }, partitions, which, readUncommitted, requestTimeout)
  }

  async function store(wanted: readonly OffsetToStore[], withText: boolean): Promise<void> {
    const doing = `Setting the offsets of the group "${groupId}"`
    const topics = byTopic(wanted, (each) => ({
      partition: each.partition,
      offset: each.offset,
      leaderEpoch: -1,
      metadata: withText ? textOf(each) : '',
    }))
    const request = { groupId, memberId: '', groupInstanceId: null, generation: -1, topics }
    const answer = await coordinator.send(offsetCommitApi, request, 'group', requestTimeout)
    const errors = new Set(answer.topics.flatMap((each) => each.partitions.map((p) => p.error)))
    for (const error of errors) {
      if (error === code.NONE) continue
      coordinator.throwIfAway(error)
      if (error === code.OFFSET_METADATA_TOO_LARGE && withText) return store(wanted, false)
      if (!ACTIVE.has(error)) throw refusal(error, doing)
      throw new OccError(
        'OCC_GROUP_ACTIVE',
        `The group "${groupId}" has members, so its offsets can only be set through one of them. Remedy: name a pod of the service with --url, or stop every member first.`,
      )
    }
  }

  function textOf(each: OffsetToStore): string {
    const { partitions } = decodeMetadata(texts.get(partitionName(each)), 0)
    const known = metadata.topic(each.topic)
    return encodeMetadata(
      {
        partitions: partitions ?? known?.partitions.size ?? null,
        topicId: known?.topicId ?? null,
        finished: [],
        move: each.move,
        replay: each.replay,
        skippedFrom: each.skippedFrom,
      },
      each.offset,
    )
  }

  return {
    read: (topics) => attempt(`Reading the group "${groupId}"`, () => read(topics)),
    async offsetsAt(partitions, time) {
      const found = await attempt('Looking for a time', () => offsets(partitions, time))
      return new Map([...found].map(([name, offset]) => [name, offset < 0 ? null : offset]))
    },
    async timesAt(places) {
      const times = new Map<string, number | null>()
      for (let index = 0; index < places.length; index += AT_ONCE) {
        await Promise.all(
          places.slice(index, index + AT_ONCE).map(async (place) => {
            const time = await attempt(`Reading ${partitionName(place)}`, () =>
              firstTime({ links, metadata }, place, {
                ...{ readUncommitted: true, lz4, timeout: requestTimeout },
              }),
            )
            times.set(partitionName(place), time)
          }),
        )
      }
      return times
    },
    store: (wanted) =>
      attempt(`Setting the offsets of the group "${groupId}"`, () => store(wanted, true)),
    async close() {
      metadata.stop()
      links.close()
    },
  }
}
