import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { agreeing, counted } from '../../kernel/text/counted.ts'
import type { Claim, MemberOptions } from '../types.ts'
import { decodeMetadata, encodeMetadata, encodeOperator } from './commit-metadata.ts'
import type { Committed, CommittedOffsets } from './committed-offsets.ts'
import type { ClaimHolder, OffsetClaims, StoredOffset } from './offset-claims.ts'

/** A store of offsets beside Kafka, as one member uses it. */
export interface MemberStore {
  readonly claims: OffsetClaims
  readonly generation: () => number | null
  readonly holder: ClaimHolder
}

/** The offsets of a store for partitions that were just claimed, by partition. */
export interface StoredOffsets {
  readonly byName: ReadonlyMap<string, StoredOffset>
  /** By topic: see OffsetClaims. */
  readonly partitionsThen: ReadonlyMap<string, number | null>
}

export async function claimOffsets(
  { claims, generation, holder }: MemberStore,
  partitions: readonly TopicPartition[],
  member: string,
): Promise<StoredOffsets> {
  const owner = { member, generation: generation() }
  const { offsets, partitionsThen } = await claims.claim(partitions, owner, holder)
  const byName = new Map(offsets.map((each) => [partitionName(each.claim), each]))
  // Without a claim, nothing of a partition would be written beside its offset.
  const missing = partitions.map(partitionName).filter((name) => !byName.has(name))
  if (missing.length > 0) throw notClaimed(missing)
  return { byName, partitionsThen }
}

function notClaimed(names: readonly string[]): OccError {
  return new OccError(
    'OCC_OFFSETS_STORE',
    `The table of offsets gave no row for ${names.join(', ')}, and no error: a trigger or a row-level policy may keep it back.`,
    { retriable: true },
  )
}

/** What is known of the partitions: the store decides, where it has an offset. */
export function decidedBy({ byName }: StoredOffsets, kafka: CommittedOffsets): CommittedOffsets {
  const decided = new Map(kafka)
  for (const [name, stored] of byName) {
    const { offset, finished, finishedEpoch, topicId, partitions, operator } = stored
    if (offset === null) continue
    const own = kafka.get(name)
    // Of the record before the offset: that is the last finished one, or it belongs to Kafka's offset.
    const ofKafka = own?.offset === offset ? own.leaderEpoch : -1
    const leaderEpoch = finished.length === 0 && finishedEpoch >= 0 ? finishedEpoch : ofKafka
    const moved = decodeMetadata(operator, offset)
    const metadata = encodeMetadata({ ...moved, topicId, partitions, finished: [] }, offset)
    decided.set(name, { offset, leaderEpoch, metadata, finished, finishedEpoch })
  }
  return decided
}

/** The partitions whose committed offset in Kafka is not that of the store. */
export function differing(
  { byName }: StoredOffsets,
  kafka: CommittedOffsets,
  partitions: readonly TopicPartition[],
): TopicPartition[] {
  return partitions.filter((each) => {
    const stored = byName.get(partitionName(each))?.offset ?? null
    return stored !== null && kafka.get(partitionName(each))?.offset !== stored
  })
}

/**
 * Writes offsets that the store did not have, and returns all claims by partition, as they are
 * then.
 */
export async function beginStored(
  { claims }: MemberStore,
  { byName }: StoredOffsets,
  begun: ReadonlyArray<TopicPartition & Committed>,
): Promise<ReadonlyMap<string, Claim>> {
  const all = new Map([...byName].map(([name, { claim }]) => [name, claim]))
  const starts = begun.flatMap((each) => {
    const claim = all.get(partitionName(each))
    if (claim === undefined) return []
    const { offset } = each
    const decoded = decodeMetadata(each.metadata, offset)
    const { topicId, partitions, finished, finishedEpoch: known = -1, ...operator } = decoded
    const finishedEpoch = finished.length === 0 ? each.leaderEpoch : known
    const moved = encodeOperator(operator, offset)
    return [{ claim, offset, topicId, partitions, finished, finishedEpoch, operator: moved }]
  })
  if (starts.length === 0) return all
  for (const claim of await claims.begin(starts)) all.set(partitionName(claim), claim)
  return all
}

/** At most so many partitions are named in a line. */
const MAX_NAMED = 20

export function logDiffering(
  log: Log,
  { name }: MemberOptions,
  { byName }: StoredOffsets,
  kafka: CommittedOffsets,
  partitions: readonly TopicPartition[],
): void {
  if (partitions.length === 0) return
  const all = partitions.map((each) => {
    const named = partitionName(each)
    const stored = byName.get(named)?.offset ?? 0
    const committed = kafka.get(named)?.offset ?? null
    return { named, stored, committed, isBehind: committed !== null && stored < committed }
  })
  const behind = all.filter(({ isBehind }) => isBehind)
  const shown = (behind.length > 0 ? behind : all)
    .slice(0, MAX_NAMED)
    .map(({ named, stored, committed }) => `${named}: ${stored}, Kafka ${committed ?? 'none'}`)
    .join('; ')
  const why =
    behind.length > 0
      ? `It is behind Kafka for ${behind.length}, as after a restore of the database, so these records are handled again`
      : 'Kafka is behind, as after a crash, or has none, as after the group was deleted'
  log[behind.length > 0 ? 'warn' : 'info'](
    { event: 'offsets.differ', member: name, partitions: all.length, behind: behind.length },
    `The table of offsets decides where ${counted(all.length, 'partition')} ${agreeing(all.length, 'begins', 'begin')}, and Kafka's committed offsets are set to it. ${why}: ${shown}`,
  )
}

export function logTakenOver(
  log: Log,
  member: string,
  partitions: readonly TopicPartition[],
): void {
  if (partitions.length === 0) return
  const names = partitions.slice(0, MAX_NAMED).map(partitionName).join(', ')
  log.info(
    { event: 'offsets.taken-over', member, partitions: partitions.length },
    `The table of offsets has none yet for ${counted(partitions.length, 'partition')}: Kafka's committed offsets are taken over: ${names}`,
  )
}
