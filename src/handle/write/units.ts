import type { HeldWrite } from '../../kernel/held-write.ts'
import type { KafkaRecord } from '../../kernel/record.ts'

/** A record of a round that is finished once its writes are. */
export interface Candidate {
  /** Position in the round. */
  readonly index: number
  readonly record: KafkaRecord
  readonly writes: readonly HeldWrite[]
}

/** Records that are written together or not at all. */
export type Unit = readonly Candidate[]

export interface Units {
  /** By their first position. */
  readonly whole: readonly Unit[]
  /** Positions of those that share a write with a record that is not there. */
  readonly torn: readonly number[]
}

/** Whether the write is for more than one record. */
export function isShared({ offsets }: HeldWrite): boolean {
  return offsets.length > 1
}

/**
 * Groups records by the writes that they share.
 * @param ordered no record is written before one in front of it: what is behind a torn unit is left
 * out, and units that overlap become one.
 */
export function unitsOf(candidates: readonly Candidate[], ordered: boolean): Units {
  const groups: Candidate[][] = []
  for (const candidate of candidates) {
    const shared = new Set(candidate.writes.filter(isShared))
    const own = groups.filter((group) =>
      group.some(({ writes }) => writes.some((write) => shared.has(write))),
    )
    const joined = [...own.flat(), candidate]
    for (const group of own) groups.splice(groups.indexOf(group), 1)
    groups.push(joined)
  }
  for (const group of groups) group.sort((a, b) => a.index - b.index)
  groups.sort((a, b) => firstOf(a) - firstOf(b))
  const merged = ordered ? withoutOverlaps(groups) : groups
  const torn = merged.filter(isTorn)
  const end = ordered ? Math.min(...torn.map(firstOf)) : Number.POSITIVE_INFINITY
  const whole = merged.filter((group) => !torn.includes(group) && firstOf(group) < end)
  return { whole, torn: torn.flatMap((group) => group.map(({ index }) => index)) }
}

function isTorn(unit: Unit): boolean {
  const there = new Set(unit.map(({ record }) => record.offset))
  return unit.some(({ writes }) =>
    writes.some(({ offsets }) => offsets.some((it) => !there.has(it))),
  )
}

function withoutOverlaps(groups: readonly Unit[]): Unit[] {
  const merged: Candidate[][] = []
  for (const group of groups) {
    const last = merged.at(-1)
    const isInside = firstOf(group) < Math.max(-1, ...(last ?? []).map(({ index }) => index))
    if (last !== undefined && isInside) last.push(...group)
    else merged.push([...group])
  }
  return merged
}

function firstOf(unit: Unit): number {
  return Math.min(...unit.map(({ index }) => index))
}
