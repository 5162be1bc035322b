import { randomBytes } from 'node:crypto'
import { OccError } from '../../kernel/errors.ts'
import { byPartitionName, partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { counted, formatCount } from '../../kernel/text/counted.ts'
import { makePlan, type PlanRequest, type ReadTarget } from './make-plan.ts'
import { movedSince, type OffsetPlan, offsetsToStore, skippedBy } from './plan.ts'
import type { PlanFile } from './plan-file.ts'
import type { Selection } from './selection.ts'
import type { Target } from './target.ts'
import type {
  GroupOffsets,
  LiveMove,
  OffsetStore,
  ReachableMembers,
  StoredOffset,
} from './types.ts'

/** The offsets of one group, for an operator: by command line or by the API. */
export interface OffsetsControl {
  /** @param topics null: those with a stored offset */
  read(topics: readonly string[] | null): Promise<GroupOffsets & { readonly group: string }>
  plan(selection: Selection, target: PlanTarget): Promise<OffsetPlan>
  /**
   * Nothing or everything, while the group has no members, unless somebody else sets the same offsets
   * in the same moment. `refused` says what is not.
   */
  apply(order: ApplyOrder): Promise<Applied>
  close(): Promise<void>
}

/** As `Target`; the file was read. */
export type PlanTarget =
  | Exclude<Target, { readonly kind: 'file' }>
  | Extract<ReadTarget, { readonly kind: 'offsets' }>

export interface ApplyOrder {
  /** Of a plan. */
  readonly partitions: readonly LiveMove[]
  readonly allowsSkip: boolean
  readonly deduplicates: boolean
}

export interface Applied {
  /** Id of the change. */
  readonly id: string
  readonly applied: ReadonlyArray<
    TopicPartition & { readonly before: number | null; readonly offset: number }
  >
  readonly refused: ReadonlyArray<TopicPartition & { readonly reason: string }>
  /** Brings back what was; without partitions that had no offset. */
  readonly undo: PlanFile
}

export interface OffsetsControlParts {
  readonly group: string
  readonly store: OffsetStore
  /** The store of another group, to read from. The caller closes it. */
  open(group: string): OffsetStore
  /** Records a second that the group handles; null: not known. */
  rate(): number | null
  /** null: members cannot be asked from here. */
  readonly members: ReachableMembers | null
  /** Milliseconds since the epoch. */
  now(): number
}

const NONE: ReadonlyMap<string, string | null> = new Map()
const UNSEEN =
  'no member answered for it, and the brokers do not say whether it was set; look at the status before you try again'

export function createOffsetsControl(parts: OffsetsControlParts): OffsetsControl {
  const { group, store } = parts

  async function readTarget(target: PlanTarget, selection: Selection): Promise<ReadTarget> {
    if (target.kind !== 'group') return target
    const other = parts.open(target.group)
    try {
      const { partitions } = await other.read(selection.topics)
      const offsets = partitions.flatMap(({ topic, partition, committed }) =>
        committed === null ? [] : { topic, partition, offset: committed },
      )
      return { kind: 'offsets', of: `the group "${target.group}"`, offsets }
    } finally {
      await other.close()
    }
  }

  function now(order: ApplyOrder): Promise<GroupOffsets> {
    return store.read([...new Set(order.partitions.map(({ topic }) => topic))])
  }

  async function applyStopped(order: ApplyOrder, { partitions }: GroupOffsets): Promise<Applied> {
    const id = newId()
    const { deduplicates } = order
    await store.store(offsetsToStore(order.partitions, partitions, id, deduplicates))
    const after = byPartitionName((await now(order)).partitions)
    const moveOf = (each: LiveMove) => after.get(partitionName(each))?.move ?? null
    // Brokers that keep no text beside an offset can only be believed.
    const keepsText = order.partitions.some((each) => moveOf(each) !== null)
    const refused = order.partitions
      .filter((each) => keepsText && moveOf(each) !== id)
      .map(({ topic, partition }) => {
        return { topic, partition, reason: 'it was set by somebody else meanwhile' }
      })
    if (refused.length === order.partitions.length) {
      throw moved(refused.map((each) => `${partitionName(each)}: ${each.reason}`))
    }
    const left = new Set(refused.map(partitionName))
    const before = byPartitionName(partitions)
    return applied(
      id,
      order.partitions
        .filter((each) => !left.has(partitionName(each)))
        .map((each) => ({ ...each, before: before.get(partitionName(each))?.committed ?? null })),
      refused,
    )
  }

  async function applyLive(order: ApplyOrder, members: ReachableMembers): Promise<Applied> {
    const id = newId()
    const { partitions: moves, ...how } = order
    const { answers, unreached } = await members.move({ group, id, moves, ...how })
    const byName = byPartitionName(answers)
    const open = moves.filter((each) => byName.get(partitionName(each))?.reason !== null)
    // An answer may be lost, or a partition taken away in the middle: what is stored decides.
    const stored = open.length === 0 ? NONE : await movesNow({ ...order, partitions: open })
    const done: Array<LiveMove & { before: number | null }> = []
    const refused: Array<Applied['refused'][number]> = []
    for (const each of moves) {
      const { topic, partition, committed } = each
      const answer = byName.get(partitionName(each))
      if (answer?.reason === null) done.push({ ...each, before: answer.before })
      else if (stored?.get(partitionName(each)) === id) done.push({ ...each, before: committed })
      else {
        const reason = answer?.reason ?? (stored === null ? UNSEEN : unreachedReason(unreached))
        refused.push({ topic, partition, reason })
      }
    }
    return applied(id, done, refused)
  }

  /** The last change of each partition; null: the brokers do not say, and what was done stands. */
  async function movesNow(order: ApplyOrder): Promise<ReadonlyMap<string, string | null> | null> {
    try {
      const { partitions } = await now(order)
      return new Map(partitions.map((each) => [partitionName(each), each.move]))
    } catch {
      return null
    }
  }

  function applied(
    id: string,
    done: ReadonlyArray<LiveMove & { readonly before: number | null }>,
    refused: Applied['refused'],
  ): Applied {
    const at = new Date(parts.now()).toISOString()
    const partitions = done.flatMap(({ topic, partition, before }) =>
      before === null ? [] : { topic, partition, offset: before, move: id },
    )
    return {
      id,
      applied: done.map(({ topic, partition, before, offset }) => ({
        topic,
        partition,
        before,
        offset,
      })),
      refused,
      undo: { group, at, partitions },
    }
  }

  return {
    read: async (topics) => ({ group, ...(await store.read(topics)) }),
    async plan(selection, wanted) {
      const target = await readTarget(wanted, selection)
      const request: PlanRequest = { group, selection, target, rate: parts.rate() }
      return makePlan(store, request)
    },
    async apply(order) {
      refuseTwice(order.partitions)
      const state = await now(order)
      const { members } = state
      // Where members are asked from, there is one, even if this user may not describe the group.
      const isLive = members === null ? parts.members !== null : members > 0
      if (isLive && parts.members === null) throw active(group, members ?? 0)
      const problems = movedSince(order.partitions, state.partitions, isLive)
      if (problems.length > 0) throw moved(problems)
      if (!order.allowsSkip) refuseSkips(order.partitions, state.partitions)
      if (isLive && parts.members !== null) return applyLive(order, parts.members)
      return applyStopped(order, state)
    },
    close: () => store.close(),
  }
}

function refuseTwice(wanted: readonly LiveMove[]): void {
  const seen = new Set<string>()
  for (const name of wanted.map(partitionName)) {
    if (seen.has(name)) throw new OccError('OCC_OFFSETS_CHOICE', `${name} is in the plan twice.`)
    seen.add(name)
  }
}

function refuseSkips(wanted: readonly LiveMove[], stored: readonly StoredOffset[]): void {
  const skips = skippedBy(wanted, stored)
  const records = skips.reduce((sum, { skip }) => sum + skip, 0)
  const [first] = skips
  if (first === undefined) return
  throw new OccError(
    'OCC_OFFSETS_SKIP',
    `${counted(records, 'record')} that nobody has handled would be passed by (${formatCount(first.skip)} of ${partitionName(first)}). If they are not wanted, allow it (--allow-skip).`,
  )
}

function unreachedReason(unreached: readonly string[]): string {
  const who = unreached.length === 0 ? '' : ` (not reached: ${unreached.join('; ')})`
  return `no member that could be reached has it now${who}; ask the pod that has it, or again after the rebalance`
}

function active(group: string, members: number): OccError {
  return new OccError(
    'OCC_GROUP_ACTIVE',
    `The group "${group}" has ${counted(members, 'member')}, so its offsets can only be set through one of them. Remedy: name a pod of the service with --url, or stop every member first.`,
  )
}

function moved(problems: readonly string[]): OccError {
  return new OccError(
    'OCC_OFFSETS_MOVED',
    `Nothing was changed, because the offsets are not those of the plan any more: ${problems.join('; ')}. Make a new plan.`,
  )
}

function newId(): string {
  return randomBytes(6).toString('base64url')
}
