import { messageOf, type OccError, toOccError } from '../../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata } from '../cluster/metadata.ts'
import { protocolError } from '../errors.ts'
import { byTopic, code, EARLIEST, LATEST, listOffsetsApi } from '../protocol/index.ts'

const TIMESTAMPS = { first: EARLIEST, end: LATEST } as const

/** Milliseconds since the epoch: the first record at or after it. Its offset is -1 if there is none. */
export type OffsetQuestion = keyof typeof TIMESTAMPS | number

export interface Cluster {
  readonly links: Links
  readonly metadata: Metadata
}

/** An offset, Kafka's error code, or the reason why the leader did not answer. */
export type OffsetAnswer =
  | { readonly kind: 'offset'; readonly offset: number; readonly leaderEpoch: number }
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'error'; readonly error: OccError }

/**
 * The first offset of each partition, the one that its next record will get, or that of a time. Keys
 * are `partitionName`s; each partition has an answer of its own. Never rejects.
 * @param readUncommitted false: the end is the last stable offset, before any open transaction
 */
export async function listOffsets(
  { links, metadata }: Cluster,
  partitions: readonly TopicPartition[],
  which: OffsetQuestion,
  readUncommitted: boolean,
  timeout: number,
): Promise<Map<string, OffsetAnswer>> {
  const answers = new Map<string, OffsetAnswer>()
  const timestamp = typeof which === 'number' ? which : TIMESTAMPS[which]
  const byLeader = Map.groupBy(partitions, (each) => metadata.partition(each)?.leader)
  await Promise.all(
    Array.from(byLeader, async ([leader, led]) => {
      if (leader === undefined || leader < 0) {
        const isUnknown = leader === undefined
        const error = isUnknown ? code.UNKNOWN_TOPIC_OR_PARTITION : code.LEADER_NOT_AVAILABLE
        for (const each of led) answers.set(partitionName(each), { kind: 'code', code: error })
        return
      }
      try {
        const topics = byTopic(led, (each) => {
          const leaderEpoch = metadata.partition(each)?.leaderEpoch ?? -1
          return { partition: each.partition, leaderEpoch, timestamp }
        })
        const link = links.get(leader, 'control')
        const answer = await link.send(listOffsetsApi, { readUncommitted, topics }, timeout)
        for (const { topic, partitions: found } of answer.topics) {
          for (const { partition, error, offset, leaderEpoch } of found) {
            const name = partitionName({ topic, partition })
            if (error === code.NONE) answers.set(name, { kind: 'offset', offset, leaderEpoch })
            else answers.set(name, { kind: 'code', code: error })
          }
        }
      } catch (error) {
        const message = `Reading offsets: ${messageOf(error)}`
        const problem = toOccError(error, 'OCC_BROKER', { message, retriable: true })
        for (const each of led) answers.set(partitionName(each), { kind: 'error', error: problem })
      }
    }),
  )
  return answers
}

/**
 * The same for one who needs all of them: -1 if no record is as late as the time. Rejects with the
 * reason if one of them is not known.
 */
export async function findOffsets(
  ...question: Parameters<typeof listOffsets>
): Promise<ReadonlyMap<string, number>> {
  const [, partitions] = question
  const answers = await listOffsets(...question)
  return new Map(
    partitions.map((each) => {
      const name = partitionName(each)
      const answer = answers.get(name)
      if (answer?.kind === 'offset') return [name, answer.offset]
      if (answer?.kind === 'error') throw answer.error
      throw protocolError(answer?.code ?? code.UNKNOWN_SERVER_ERROR)
    }),
  )
}
