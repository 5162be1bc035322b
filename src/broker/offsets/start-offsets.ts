import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { refusal } from '../group/refusals.ts'
import type { AssignedPartition, MemberOptions } from '../types.ts'
import { decodeMetadata, isOfOtherTopic, markOf } from './commit-metadata.ts'
import type { Commits, PlainOffset } from './commits.ts'
import {
  type Committed,
  type CommittedOffsets,
  type CommittedParts,
  fetchCommitted,
} from './committed-offsets.ts'
import { listOffsets, type OffsetAnswer } from './list-offsets.ts'
import {
  beginStored,
  claimOffsets,
  decidedBy,
  differing,
  logDiffering,
  logTakenOver,
  type MemberStore,
  type StoredOffsets,
} from './stored-offsets.ts'

export interface StartOffsetsParts extends CommittedParts {
  readonly options: MemberOptions
  readonly commits: Commits
  readonly log: Log
  /** Whether the partition still needs a start offset, for the assignment that asked. */
  readonly isOurs: (partition: TopicPartition) => boolean
  /** Topics that did not exist at first: all of their records are unread. */
  readonly madeLater: ReadonlySet<string>
  /** Decides where partitions begin, if it has their offsets; null: Kafka alone does. */
  readonly store: MemberStore | null
}

export interface BegunPartition extends AssignedPartition {
  /** Id of the topic that the offset is known to belong to; null: not recorded. */
  readonly topicId: string | null
  /** Leader epoch of the last of `finished`; absent: not known. */
  readonly finishedEpoch?: number
}

export interface StartOffsets {
  readonly ready: readonly BegunPartition[]
  /** Partitions to retry, and why. */
  readonly waiting: ReadonlyArray<readonly [TopicPartition, OccError]>
}

/** What the group is known to have committed; with a store, what that says. */
interface Known {
  readonly committed: CommittedOffsets
  readonly stored: StoredOffsets | null
}

/**
 * Finds the start offsets of assigned partitions: the committed ones. A partition without one gets
 * an offset by `autoOffsetReset`, which is committed at once, so that lag is defined immediately
 * and a restart does not decide again. Calls `found` as soon as an offset is known: an unreachable
 * leader delays only its own partitions. Once all leaders have answered, rejects if the group's
 * offsets cannot be read, or
 * @throws OccError OCC_NO_OFFSET if there is none and `autoOffsetReset` is `none`
 */
export async function findStartOffsets(
  parts: StartOffsetsParts,
  partitions: readonly TopicPartition[],
  found: (offsets: StartOffsets) => void,
): Promise<void> {
  const { store, options } = parts
  // Before Kafka is asked: what the former owner still commits is no more than the store has.
  const stored = store && (await claimOffsets(store, partitions, options.name))
  const { committed: kafka, refused } = await fetchCommitted(parts, partitions)
  const committed = stored === null ? kafka : decidedBy(stored, kafka)
  const waiting = partitions.flatMap((each) => {
    const refusal = refused.get(partitionName(each))
    return refusal === undefined ? [] : [[each, refusal] as const]
  })
  if (waiting.length > 0) found({ ready: [], waiting })
  const told = partitions.filter((each) => !refused.has(partitionName(each)))
  const current = told.filter((each) => isOfThisTopic(parts, each, committed))
  const missing = told.filter((each) => !current.includes(each))
  const ready = current.map((each) =>
    withMark(parts, toBegun(each, committed.get(partitionName(each)))),
  )
  if (ready.length > 0) {
    const claimed = stored === null ? ready : await join(parts, stored, kafka, ready)
    found({ ready: claimed, waiting: [] })
  }
  const known = { committed, stored }
  const byLeader = Map.groupBy(missing, (each) => parts.cluster.metadata.partition(each)?.leader)
  const results = await Promise.allSettled(
    [...byLeader.values()].map(async (led) => found(await begin(parts, led, known))),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** Whether there is a committed offset, and it is not from before the topic was recreated. */
function isOfThisTopic(
  { cluster }: StartOffsetsParts,
  each: TopicPartition,
  committed: CommittedOffsets,
): boolean {
  const found = committed.get(partitionName(each))
  if (found === undefined) return false
  const then = decodeMetadata(found.metadata, found.offset).topicId
  const now = cluster.metadata.topic(each.topic)?.topicId ?? null
  return !isOfOtherTopic(then, now)
}

/**
 * Brings the store and Kafka together: the store gets what only Kafka has, which is so when it is
 * used first; Kafka gets what the store has, for the tools that read lag there.
 */
async function join(
  { store, options, commits, log }: StartOffsetsParts,
  stored: StoredOffsets,
  kafka: CommittedOffsets,
  ready: readonly BegunPartition[],
): Promise<BegunPartition[]> {
  const isNew = (each: TopicPartition) => stored.byName.get(partitionName(each))?.offset === null
  const taken = ready.filter(isNew)
  const behind = differing(stored, kafka, ready)
  logTakenOver(log, options.name, taken)
  logDiffering(log, options, stored, kafka, behind)
  const offsets = taken.flatMap((each) => {
    const found = kafka.get(partitionName(each))
    return found === undefined ? [] : [{ ...each, ...found, metadata: each.metadata }]
  })
  const claims = store === null ? null : await beginStored(store, stored, offsets)
  const plain = ready
    .filter((each) => behind.some((one) => partitionName(one) === partitionName(each)))
    .map(({ startOffset, leaderEpoch = -1, metadata, ...each }) => {
      return { ...pick(each), offset: startOffset, leaderEpoch, metadata }
    })
  if (plain.length > 0) await commits.begin(plain)
  return ready.map((each) => withClaim(each, claims))
}

function withClaim(
  each: BegunPartition,
  claims: Awaited<ReturnType<typeof beginStored>> | null,
): BegunPartition {
  const claim = claims?.get(partitionName(each))
  return claim === undefined ? each : { ...each, claim }
}

function toBegun(each: TopicPartition, found: Committed | undefined): BegunPartition {
  const { offset = 0, metadata = '', leaderEpoch = -1 } = found ?? {}
  const { topicId, move, replay, skippedFrom, ...decoded } = decodeMetadata(metadata, offset)
  // What a store has is not what Kafka has.
  const { finished = decoded.finished } = found ?? {}
  const { finishedEpoch } = found?.finished === undefined ? decoded : found
  const operator = { move, replay, skippedFrom }
  const start = { startOffset: offset, leaderEpoch, metadata, finished, topicId, operator }
  return { ...pick(each), ...start, ...(finishedEpoch !== undefined && { finishedEpoch }) }
}

/**
 * An offset committed by another client without metadata gets ours with the next commit. Otherwise
 * a recreated topic would go unnoticed in a group that was taken over.
 */
function withMark({ cluster }: StartOffsetsParts, begun: BegunPartition): BegunPartition {
  if (begun.metadata !== '') return begun
  return { ...begun, metadata: markOf(cluster.metadata, begun, begun.startOffset) }
}

async function begin(
  parts: StartOffsetsParts,
  missing: readonly TopicPartition[],
  known: Known,
): Promise<StartOffsets> {
  const { options, cluster, commits, store, requestTimeout } = parts
  const early = missing.filter((each) => isEarly(parts, each, known))
  const late = missing.filter((each) => !early.includes(each))
  if (late.length > 0 && options.autoOffsetReset === 'none') throw noOffset(options, late)
  const answers = new Map<string, OffsetAnswer>([
    ...(await listOffsets(cluster, early, 'first', true, requestTimeout)),
    ...(await listOffsets(cluster, late, 'end', options.readUncommitted, requestTimeout)),
  ])
  const waiting: Array<readonly [TopicPartition, OccError]> = []
  const plain: PlainOffset[] = []
  // The answer may be so late that another member has owned the partition and committed meanwhile.
  for (const each of missing.filter(parts.isOurs)) {
    const answer = answers.get(partitionName(each))
    if (answer?.kind !== 'offset') {
      waiting.push([each, problemOf(answer, each)])
      continue
    }
    const text = markOf(cluster.metadata, each, answer.offset)
    plain.push({ ...pick(each), offset: answer.offset, metadata: text, leaderEpoch: -1 })
  }
  const isBegun = (each: TopicPartition) =>
    plain.some(({ topic, partition }) => topic === each.topic && partition === each.partition)
  const begun = missing.filter(isBegun)
  const isAnew = (each: TopicPartition) => known.committed.has(partitionName(each))
  for (const each of begun.filter(isAnew)) logAnew(parts, each, known)
  const unknown = begun.filter((each) => !isAnew(each))
  logStart(parts, unknown, late.filter(isBegun), known)
  const { stored } = known
  const claims = store && stored && (await beginStored(store, stored, plain))
  await commits.begin(plain)
  return { ready: plain.map((each) => withClaim(toBegun(each, each), claims)), waiting }
}

/** Whether it starts at its first record: by configuration, or because nobody can have read it. */
function isEarly(parts: StartOffsetsParts, each: TopicPartition, known: Known): boolean {
  const { options, madeLater } = parts
  const { topic, partition } = each
  return (
    options.autoOffsetReset === 'earliest' ||
    madeLater.has(topic) ||
    // There is a committed offset, but the topic was recreated since.
    known.committed.has(partitionName(each)) ||
    partition >= addedFrom(parts, topic, known)
  )
}

/**
 * Partitions with this number or a higher one were added after the group had started on the topic.
 */
function addedFrom(parts: StartOffsetsParts, topic: string, { committed, stored }: Known): number {
  let smallest = stored?.partitionsThen.get(topic) ?? Number.POSITIVE_INFINITY
  for (const partition of parts.cluster.metadata.partitionsOf(topic)) {
    const found = committed.get(partitionName({ topic, partition }))
    if (found === undefined) continue
    const { partitions } = decodeMetadata(found.metadata, found.offset)
    smallest = Math.min(smallest, partitions ?? smallest)
  }
  return smallest
}

function logAnew({ log }: StartOffsetsParts, each: TopicPartition, { committed }: Known): void {
  const offset = committed.get(partitionName(each))?.offset
  log.error(
    { event: 'topic.recreated', ...pick(each), committed: offset },
    `${each.topic} partition ${each.partition} was deleted and recreated since offset ${offset} ` +
      'was committed, so that offset no longer applies. Starting at its first record.',
  )
}

/**
 * Logs where partitions start that have no committed offset. They are new or their offsets have
 * expired; if they start at the end, records are skipped, so it is a warning.
 */
function logStart(
  parts: StartOffsetsParts,
  missing: readonly TopicPartition[],
  late: readonly TopicPartition[],
  known: Known,
): void {
  const { options, log } = parts
  for (const topic of new Set(missing.map((each) => each.topic))) {
    const numbers = missing.filter((each) => each.topic === topic).map((each) => each.partition)
    const isLate = late.some((each) => each.topic === topic)
    const from = addedFrom(parts, topic, known)
    const expired = numbers.filter((partition) => partition < from && from !== Infinity)
    const why =
      expired.length > 0
        ? `its offsets for partition ${expired.join(', ')} have expired (offsets.retention.minutes of the broker)`
        : 'it is new, or its offsets have expired (offsets.retention.minutes of the broker)'
    const where = isLate ? 'at the end, skipping existing records' : 'at the first record'
    log[isLate || expired.length > 0 ? 'warn' : 'info'](
      { event: 'offsets.begun', group: options.groupId, topic, partitions: numbers },
      `The group "${options.groupId}" has no committed offset for ${topic} partition ${numbers.join(', ')}: ` +
        `${why}. Starting ${where} (kafka.autoOffsetReset: ${options.autoOffsetReset}).`,
    )
  }
}

function noOffset({ groupId }: MemberOptions, late: readonly TopicPartition[]): OccError {
  const topics = [...new Set(late.map(({ topic }) => topic))]
  const names = topics
    .map((topic) => {
      const numbers = late.filter((each) => each.topic === topic).map((each) => each.partition)
      return `${topic} partition ${numbers.join(', ')}`
    })
    .join('; ')
  return new OccError(
    'OCC_NO_OFFSET',
    `The group "${groupId}" has no committed offset for ${names} ` +
      'and kafka.autoOffsetReset is none. Set it to earliest or latest, or commit an offset first.',
  )
}

function problemOf(answer: OffsetAnswer | undefined, each: TopicPartition): OccError {
  const doing = `Reading the first offset of ${partitionName(each)}`
  if (answer?.kind === 'error') return answer.error
  if (answer?.kind === 'code') return refusal(answer.code, doing)
  return new OccError('OCC_OFFSET_UNKNOWN', `${doing}: the broker did not answer for it.`, {
    retriable: true,
  })
}

function pick({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
