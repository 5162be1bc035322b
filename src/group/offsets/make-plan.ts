import { OccError } from '../../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { type OffsetPlan, offsetOf, planPartition, type Wish } from './plan.ts'
import type { FiledOffset } from './plan-file.ts'
import { isSelected, type Selection, selectionProblem } from './selection.ts'
import type { Target } from './target.ts'
import type { GroupOffsets, OffsetStore, StoredOffset } from './types.ts'

/** A target whose file or group was read. */
export type ReadTarget =
  | Exclude<Target, { readonly kind: 'group' | 'file' }>
  | { readonly kind: 'offsets'; readonly of: string; readonly offsets: readonly FiledOffset[] }

export interface PlanRequest {
  readonly group: string
  readonly selection: Selection
  readonly target: ReadTarget
  /** Records a second that the group handles; null: not known. */
  readonly rate: number | null
}

/**
 * What the request would do, from the state of the group now.
 * @throws OccError OCC_OFFSETS_CHOICE, OCC_OFFSETS_MOVED
 */
export async function makePlan(store: OffsetStore, request: PlanRequest): Promise<OffsetPlan> {
  const { group, selection, target, rate } = request
  const state = await store.read(selection.topics ?? topicsOf(target))
  const problem = selectionProblem(selection, state.partitions)
  if (problem !== null) throw choice(problem)
  const chosen = chosenOf(state, selection, target)
  const { wishes, left } = await wishesOf(store, chosen, target)
  if (wishes.length === 0) {
    throw choice(left[0] === undefined ? 'nothing is chosen' : `nothing to set: ${left[0].reason}`)
  }
  const times = await store.timesAt(
    wishes.map((wish) => ({
      topic: wish.topic,
      partition: wish.partition,
      offset: offsetOf(wish),
    })),
  )
  const share = rate === null ? null : rate / Math.max(1, state.partitions.length)
  return {
    group,
    members: state.members,
    table: state.table,
    partitions: wishes.map((wish) =>
      planPartition(wish, times.get(partitionName(wish)) ?? null, share),
    ),
    left,
  }
}

/** null: those that the group has offsets of. */
function topicsOf(target: ReadTarget): readonly string[] | null {
  return target.kind === 'offsets' ? target.offsets.map(({ topic }) => topic) : null
}

function chosenOf(
  { partitions }: GroupOffsets,
  selection: Selection,
  target: ReadTarget,
): readonly StoredOffset[] {
  const chosen = partitions.filter((each) => isSelected(selection, each))
  if (target.kind !== 'offsets') return chosen
  const named = new Set(target.offsets.map(partitionName))
  const missing = target.offsets.find(
    (each) => isSelected(selection, each) && !chosen.some((known) => isSame(known, each)),
  )
  if (missing !== undefined) {
    throw choice(`${target.of} has ${partitionName(missing)}, which does not exist`)
  }
  // A file names its partitions; what it leaves out stays.
  return selection.topics === null
    ? chosen.filter((each) => named.has(partitionName(each)))
    : chosen
}

async function wishesOf(
  store: OffsetStore,
  chosen: readonly StoredOffset[],
  target: ReadTarget,
): Promise<{ wishes: Wish[]; left: OffsetPlan['left'] }> {
  const wantedTime = target.kind === 'time' ? target.time : null
  const at = wantedTime === null ? null : await store.offsetsAt(chosen, wantedTime)
  const wishes: Wish[] = []
  const left: Array<OffsetPlan['left'][number]> = []
  for (const each of chosen) {
    const wanted = wantedBy(target, each, at)
    const { topic, partition } = each
    if (typeof wanted === 'string') left.push({ topic, partition, reason: wanted })
    else wishes.push({ ...each, wanted, wantedTime })
  }
  return { wishes, left }
}

/** The wanted offset, or why there is none. */
function wantedBy(
  target: ReadTarget,
  each: StoredOffset,
  at: ReadonlyMap<string, number | null> | null,
): number | string {
  const name = partitionName(each)
  switch (target.kind) {
    case 'beginning':
      return each.low
    case 'end':
      return each.end
    case 'offset':
      return target.offset
    case 'time':
      return at?.get(name) ?? each.end
    case 'before-replay':
      return each.replay?.to ?? `${name} has no replay under way`
    case 'shift':
      if (each.committed === null) return `${name} has no committed offset to count from`
      return Math.max(0, each.committed + target.by)
    case 'offsets': {
      const filed = target.offsets.find((one) => isSame(one, each))
      if (filed === undefined) return `${target.of} has no offset of ${name}`
      if (filed.move !== undefined && filed.move !== each.move) {
        throw new OccError(
          'OCC_OFFSETS_MOVED',
          `${target.of} was made for another state: an operator has set the offset of ${name} since. Make a new plan.`,
        )
      }
      return filed.offset
    }
  }
}

function isSame(one: TopicPartition, other: TopicPartition): boolean {
  return one.topic === other.topic && one.partition === other.partition
}

function choice(text: string): OccError {
  return new OccError('OCC_OFFSETS_CHOICE', `${text}.`)
}
