import type { Note, NoteStore } from '../../group/pauses/types.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { Links } from '../cluster/links.ts'
import { explain } from '../errors.ts'
import { Coordinator } from '../group/coordinator.ts'
import { refusal } from '../group/refusals.ts'
import { byTopic, code, offsetCommitApi, offsetFetchApi } from '../protocol/index.ts'
import type { BrokerOptions } from '../types.ts'

/** Nobody reads from there. What watches lag never takes the group for one that is behind. */
const OFFSET = Number.MAX_SAFE_INTEGER

/**
 * Texts beside the committed offsets of a consumer group that never has members: only then anybody
 * may commit. Such a group needs no topic of its own, and no right but that to consume.
 */
export function createGroupNotes(broker: BrokerOptions, groupId: string, log: Log): NoteStore {
  const links = new Links(broker, log)
  const coordinator = new Coordinator(links, groupId, systemClock)
  const { requestTimeout } = broker

  async function attempt<T>(doing: string, work: (doing: string) => Promise<T>): Promise<T> {
    const what = `${doing} in the group "${groupId}", where pauses are kept`
    try {
      return await work(what)
    } catch (error) {
      const found = explain(error, what, undefined, { givenBy: broker.givenBy })
      if (found.code !== 'OCC_GROUP_NOT_AUTHORIZED') throw found
      throw new OccError(
        found.code,
        `${what}: this user may not use that group. Allow Read and Describe on it; a rule with the prefix of kafka.groupId covers both groups.`,
        { cause: error },
      )
    }
  }

  function check(error: number, doing: string): void {
    if (error === code.NONE) return
    coordinator.throwIfAway(error)
    if (error === code.OFFSET_METADATA_TOO_LARGE) {
      throw new OccError(
        'OCC_PAUSES_FULL',
        `${doing}: there is no room for more. Resume something, or give shorter reasons, or raise offset.metadata.max.bytes of the brokers.`,
      )
    }
    throw refusal(error, doing)
  }

  return {
    read: () =>
      attempt('Reading', async (doing) => {
        const request = { groupId, topics: null }
        const answer = await coordinator.send(offsetFetchApi, request, 'group', requestTimeout)
        check(answer.error, doing)
        return answer.topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, metadata }): Note => {
            return { topic, partition, text: metadata ?? '' }
          }),
        )
      }),
    write: (notes) =>
      attempt('Writing', async (doing) => {
        const topics = byTopic(notes, ({ partition, text }) => {
          return { partition, offset: OFFSET, leaderEpoch: -1, metadata: text }
        })
        const request = { groupId, memberId: '', groupInstanceId: null, generation: -1, topics }
        const answer = await coordinator.send(offsetCommitApi, request, 'group', requestTimeout)
        for (const each of answer.topics) {
          for (const { error } of each.partitions) check(error, `${doing}, with ${each.topic}`)
        }
      }),
    close: () => links.close(),
  }
}
