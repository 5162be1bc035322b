import { OccError } from '../../kernel/errors.ts'
import { sleep, withDeadline } from '../../kernel/lifecycle.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Coordinator } from '../group/coordinator.ts'
import type { Membership } from '../group/membership.ts'
import { refusal } from '../group/refusals.ts'
import { byTopic, code, offsetCommitApi } from '../protocol/index.ts'
import type { MemberOptions, OffsetToCommit } from '../types.ts'
import { decodeMetadata, encodeMetadata } from './commit-metadata.ts'

/** An offset with its metadata, as it is sent to the broker. */
export interface PlainOffset extends TopicPartition {
  readonly offset: number
  readonly metadata: string
  /**
   * Leader epoch of the record before the offset; -1: not known. It shows the next owner whether
   * the log was truncated.
   */
  readonly leaderEpoch: number
}

/** Milliseconds for which a commit is retried before it is rejected. */
const PATIENCE = 15_000
const PAUSE = 100

/**
 * Brokers may allow less metadata than usual (`offset.metadata.max.bytes`). Then the finished
 * offsets are dropped, then the topic id, then everything else: the offset matters most.
 */
const DETAILS = ['all', 'no-finished', 'no-topic', 'nothing'] as const
type Detail = (typeof DETAILS)[number]

/** What to do after the broker's answer. */
type Verdict = 'done' | 'again' | 'after-round' | 'fenced' | 'too-long'

/**
 * Commits offsets of the partitions that the member owns when the request is sent. A rebalance
 * raises the generation: a commit refused for the old one is sent again with the new one, without
 * partitions given up meanwhile. The broker checks only the generation, never who owns a partition.
 */
export class Commits {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #membership: Membership
  #detail: Detail = 'all'
  readonly #epochBefore: (partition: TopicPartition, offset: number) => number

  constructor(
    options: MemberOptions,
    coordinator: Coordinator,
    membership: Membership,
    epochBefore: (partition: TopicPartition, offset: number) => number,
  ) {
    this.#epochBefore = epochBefore
    this.#options = options
    this.#coordinator = coordinator
    this.#membership = membership
  }

  /** @throws OccError OCC_COMMIT_FENCED, or a retriable OCC_COMMIT_FAILED */
  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    await this.#send(() =>
      offsets.map((each) => ({
        topic: each.topic,
        partition: each.partition,
        offset: each.offset,
        metadata: this.#metadataOf(each),
        leaderEpoch: this.#epochBefore(each, each.offset),
      })),
    )
  }

  /** Commits the first offsets of partitions that have none. Rejects as `commit` does. */
  async begin(offsets: readonly PlainOffset[]): Promise<void> {
    await this.#send(() =>
      offsets.map((each) => ({
        ...each,
        metadata: shortened(each.metadata, each.offset, this.#detail),
      })),
    )
  }

  async #send(offsets: () => readonly PlainOffset[]): Promise<void> {
    const deadline = performance.now() + PATIENCE
    const membership = this.#membership
    // A partition that was lost and assigned again belongs to another assignment, not to this
    // commit.
    const assignments = new Map(
      offsets().map((each) => [partitionName(each), membership.assignmentOf(each)]),
    )
    const isStillOurs = (each: PlainOffset) => {
      const assignment = membership.assignmentOf(each)
      return assignment !== null && assignment === assignments.get(partitionName(each))
    }
    let problem: unknown = null
    while (performance.now() < deadline) {
      const owned = offsets().filter(isStillOurs)
      if (owned.length === 0) return
      const { memberId, generation } = membership
      // Between a lost membership and the next one, nothing can be committed.
      if (generation === null || memberId === '') throw fenced('is over')
      try {
        const verdict = await this.#try(owned, memberId, generation)
        if (verdict === 'done') return
        if (verdict === 'fenced') throw fenced(`${generation} is over`)
        if (verdict === 'too-long') this.#shorten()
        if (verdict === 'again') await sleep(PAUSE)
        if (verdict === 'after-round') await this.#afterRound(deadline)
      } catch (error) {
        if (error instanceof OccError && error.code === 'OCC_COMMIT_FENCED') throw error
        problem = error
        if (error instanceof OccError && !error.retriable) break
        await sleep(PAUSE)
      }
    }
    const text = problem instanceof Error ? problem.message : 'the group is rebalancing'
    throw new OccError('OCC_COMMIT_FAILED', `Committing offsets: ${text}`, {
      cause: problem,
      retriable: true,
    })
  }

  async #try(
    offsets: readonly PlainOffset[],
    memberId: string,
    generation: number,
  ): Promise<Verdict> {
    const { groupId, groupInstanceId, sessionTimeout } = this.#options
    const answer = await this.#coordinator.send(
      offsetCommitApi,
      { groupId, groupInstanceId, memberId, generation, topics: byTopic(offsets, toWanted) },
      'group',
      Math.max(1_000, sessionTimeout / 3),
    )
    const codes = new Set(answer.topics.flatMap((each) => each.partitions.map((p) => p.error)))
    // That of one topic says nothing of the others, which may have to be sent again.
    const isTopicRefused = codes.delete(code.TOPIC_AUTHORIZATION_FAILED)
    for (const error of codes) {
      const verdict = this.#judge(error, generation)
      if (verdict !== 'done') return verdict
    }
    if (isTopicRefused) throw refusal(code.TOPIC_AUTHORIZATION_FAILED, 'Committing offsets')
    return 'done'
  }

  #metadataOf(each: OffsetToCommit): string {
    const { metadata, offset, finished, operator } = each
    // Of the fields that are needed only a replay depends on an offset, and this one is the newer.
    const known = { ...decodeMetadata(metadata, 0), ...operator }
    const isKnown = known.partitions !== null || known.topicId !== null || known.move !== null
    // Another client's metadata is kept as long as there is nothing to add.
    if (!isKnown && finished.length === 0) return isOurs(metadata) ? '' : metadata
    const finishedEpoch = this.#epochBefore(each, finished.at(-1)?.to ?? offset)
    const kept = this.#detail === 'all' ? finished : []
    const text = encodeMetadata({ ...known, finished: kept, finishedEpoch }, offset)
    return shortened(text, offset, this.#detail)
  }

  #shorten(): void {
    this.#detail = DETAILS[DETAILS.indexOf(this.#detail) + 1] ?? 'nothing'
  }

  #judge(error: number, generation: number): Verdict {
    // A deleted topic needs no commit.
    if (error === code.NONE || error === code.UNKNOWN_TOPIC_OR_PARTITION) return 'done'
    if (error === code.OFFSET_METADATA_TOO_LARGE && this.#detail !== 'nothing') return 'too-long'
    if (this.#coordinator.hasMoved(error)) return 'again'
    if (error === code.COORDINATOR_LOAD_IN_PROGRESS) return 'again'
    if (error === code.REBALANCE_IN_PROGRESS) return 'after-round'
    if (error === code.ILLEGAL_GENERATION) {
      const isOld = this.#membership.generation !== generation || !this.#membership.isStable
      if (isOld && this.#membership.generation !== null) return 'after-round'
    }
    if (
      error === code.ILLEGAL_GENERATION ||
      error === code.UNKNOWN_MEMBER_ID ||
      error === code.FENCED_INSTANCE_ID
    ) {
      this.#membership.refused(error, generation)
      return 'fenced'
    }
    throw refusal(error, 'Committing offsets')
  }

  /** Waits for the end of the round that replaced the generation; it is over soon. */
  async #afterRound(deadline: number): Promise<void> {
    const left = Math.max(PAUSE, deadline - performance.now())
    await withDeadline(this.#membership.settled(), left, 'The round').catch(() => {})
    // The broker may be further in the round than this member knows.
    await sleep(PAUSE / 10)
  }
}

function fenced(what: string): OccError {
  return new OccError(
    'OCC_COMMIT_FENCED',
    `The commit was refused: the generation ${what}, and the group has moved on. ` +
      'The new owner handles these records again.',
  )
}

function toWanted({ partition, offset, leaderEpoch, metadata }: PlainOffset) {
  return { partition, offset, leaderEpoch, metadata }
}

function shortened(text: string, offset: number, detail: Detail): string {
  if (detail === 'nothing') return ''
  const known = decodeMetadata(text, offset)
  if (detail !== 'no-topic' || known.topicId === null) return text
  return encodeMetadata({ ...known, topicId: null, finished: [] }, offset)
}

/** Without `partitions` it can only be a list of finished offsets that is out of date. */
function isOurs(metadata: string): boolean {
  return metadata.startsWith('{"v":1,"finished":')
}
