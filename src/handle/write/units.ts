import { type HeldWrite, isShared } from '../../kernel/shapes/held-write.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'

/** A record of a round that is finished once its writes are. */
export interface Candidate {
  /** Position in the round. */
  readonly index: number
  readonly record: KafkaRecord
  readonly writes: readonly HeldWrite[]
}

/** Records that are written together or not at all. The first has the first position. */
export type Unit = readonly Candidate[]

export interface Units {
  /** By their first position. */
  readonly whole: readonly Unit[]
  /** Positions of those that share a write with a record that is not there. */
  readonly torn: readonly number[]
}

/** What writes of one call are for: one list for all of them, unless the call says more. */
type Offsets = HeldWrite['offsets']

function sharesAny({ writes }: Candidate): boolean {
  return writes.some(isShared)
}

/** Each once. All records of a call may have the same, long, list. */
export function writesOf(candidates: readonly Candidate[]): HeldWrite[] {
  if (!candidates.some(sharesAny)) return candidates.flatMap(({ writes }) => writes)
  const lists = new Set(candidates.map(({ writes }) => writes))
  return [...new Set([...lists].flat())]
}

/**
 * Groups records by the writes that they share.
 * @param candidates by position
 * @param ordered no record is written before one in front of it: what is behind a torn unit is left
 * out, and units that overlap become one.
 */
export function unitsOf(candidates: readonly Candidate[], ordered: boolean): Units {
  // As it is with rows that say which record they are of.
  if (!candidates.some(sharesAny)) {
    return { whole: candidates.map((candidate) => [candidate]), torn: [] }
  }
  const groups = groupsOf(candidates)
  const merged = ordered ? withoutOverlaps(groups) : groups
  const torn = new Set(merged.filter(isTorn))
  const [firstTorn] = torn
  const end = ordered && firstTorn !== undefined ? firstOf(firstTorn) : Number.POSITIVE_INFINITY
  const whole = merged.filter((unit) => !torn.has(unit) && firstOf(unit) < end)
  return { whole, torn: [...torn].flatMap((unit) => unit.map(({ index }) => index)) }
}

/** By their first position. */
function groupsOf(candidates: readonly Candidate[]): Unit[] {
  const groups = new Set<Candidate[]>()
  const byOffsets = new Map<Offsets, Candidate[]>()
  const known = new Map<Candidate['writes'], ReadonlySet<Offsets>>()
  for (const candidate of candidates) {
    const { writes } = candidate
    const shared = known.get(writes) ?? offsetsOf(writes.filter(isShared))
    known.set(writes, shared)
    const own = new Set(Array.from(shared, (each) => byOffsets.get(each) ?? []))
    const [group = []] = [...own].filter((each) => groups.has(each))
    groups.add(group)
    for (const other of own) {
      if (other === group || !groups.delete(other)) continue
      for (const each of other) group.push(each)
      for (const [offsets, of] of byOffsets) if (of === other) byOffsets.set(offsets, group)
    }
    group.push(candidate)
    for (const offsets of shared) byOffsets.set(offsets, group)
  }
  const sorted = Array.from(groups, (group) => group.toSorted((a, b) => a.index - b.index))
  return sorted.sort((a, b) => firstOf(a) - firstOf(b))
}

function offsetsOf(writes: readonly HeldWrite[]): ReadonlySet<Offsets> {
  return new Set(writes.map(({ offsets }) => offsets))
}

function isTorn(unit: Unit): boolean {
  const there = new Set(unit.map(({ record }) => record.offset))
  return [...offsetsOf(writesOf(unit))].some((offsets) => offsets.some((each) => !there.has(each)))
}

/** @param groups by their first position */
function withoutOverlaps(groups: readonly Unit[]): Unit[] {
  const merged: Candidate[][] = []
  let last: Candidate[] = []
  let end = -1
  for (const group of groups) {
    if (firstOf(group) > end) {
      last = []
      merged.push(last)
    }
    for (const each of group) last.push(each)
    end = Math.max(end, group.at(-1)?.index ?? end)
  }
  return merged
}

function firstOf([first]: Unit): number {
  return first?.index ?? Number.POSITIVE_INFINITY
}
