import type { Admin } from 'kafkajs'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import { hintOf } from '../../kernel/text/suggest.ts'
import { createClient } from '../connection/client.ts'
import { explain } from '../errors.ts'
import { decodeMetadata } from '../offsets/commit-metadata.ts'
import { toOffset } from '../offsets/to-offset.ts'
import { readRetention } from '../topics/topic-retention.ts'
import type { BrokerOptions } from '../types.ts'
import { assignmentOf, hostOf } from './owners.ts'

/** A consumer group, as its coordinator describes it. */
export interface GroupFacts {
  readonly id: string
  /**
   * `Stable`, `Empty`, `PreparingRebalance`, ...; null: the coordinator does not say, because there is
   * no such group, or its members use a newer protocol.
   */
  readonly state: string | null
  /** The assignment strategy; null: it has none now. */
  readonly protocol: string | null
  readonly members: readonly GroupMemberFacts[]
}

export interface GroupMemberFacts {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  /** Names of its partitions, `topic/partition`. */
  readonly partitions: readonly string[]
}

export interface CommittedOffset {
  readonly offset: number
  /** Id of the topic it was committed of; null: whoever committed it did not say. */
  readonly topicId: string | null
}

/** A look at consumer groups from outside. Connections stay open until `close`. */
export interface GroupLooks {
  /** Ids of all groups of consumers that the user may see. */
  ids(): Promise<readonly string[]>
  describe(ids: readonly string[]): Promise<readonly GroupFacts[]>
  /** Committed offsets of the group by topic and partition. */
  committed(id: string): Promise<ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>>
  /** Milliseconds, of the topics whose retention has a limit that this user may see. */
  retention(topics: Iterable<string>): Promise<Readonly<Record<string, number>>>
  /** The error for a group that does not exist: which one was meant. */
  unknown(id: string): Promise<OccError>
  close(): Promise<void>
}

export function createGroupLooks(broker: BrokerOptions, log: Log): GroupLooks {
  const { kafka, socketErrors } = createClient(broker, log)
  const admin = kafka.admin()
  let connecting: Promise<void> | null = null

  async function ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      connecting ??= admin.connect()
      await connecting
      return await question(admin)
    } catch (error) {
      throw explain(error, doing, socketErrors, { givenBy: broker.givenBy })
    }
  }

  const ids = () =>
    ask('Reading the list of groups', async () => {
      const { groups } = await admin.listGroups()
      return groups
        .filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
        .map(({ groupId }) => groupId)
        .sort()
    })

  return {
    ids,
    describe: (wanted) =>
      ask('Reading the groups', async () => {
        if (wanted.length === 0) return []
        const { groups } = await admin.describeGroups([...wanted])
        return groups.map(({ groupId, state, protocol, members }) => ({
          id: groupId,
          state: state === 'Dead' ? null : state,
          protocol: protocol === '' ? null : protocol,
          members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
            memberId,
            clientId,
            host: hostOf(clientHost),
            partitions: partitionsIn(memberAssignment),
          })),
        }))
      }),
    committed: (groupId) =>
      ask(`Reading the offsets of the group "${groupId}"`, async () => {
        const topics = await admin.fetchOffsets({ groupId })
        return new Map(
          topics.map(({ topic, partitions }) => [
            topic,
            new Map(
              partitions
                .map(({ partition, offset: text, metadata }) => {
                  const offset = toOffset(text)
                  const { topicId } = decodeMetadata(metadata, offset)
                  return [partition, { offset, topicId }] as const
                })
                .filter(([, { offset }]) => offset >= 0),
            ),
          ]),
        )
      }),
    retention: (topics) =>
      ask('Reading the settings of topics', () => readRetention(admin, topics)),
    async unknown(id) {
      const all = await ids().catch((): readonly string[] => [])
      return new OccError(
        'OCC_GROUP_UNKNOWN',
        `There is no consumer group "${id}" on the brokers: it has no member and no committed offset.${hintOf('groups', id, all)}`,
      )
    },
    async close() {
      if (connecting !== null) await admin.disconnect().catch(() => {})
    },
  }
}

function partitionsIn(assignment: Buffer): readonly string[] {
  return [...assignmentOf(assignment)].flatMap(([topic, partitions]) =>
    partitions.toSorted((a, b) => a - b).map((partition) => partitionName({ topic, partition })),
  )
}
