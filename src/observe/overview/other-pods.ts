import { partitionName } from '../../kernel/shapes/record.ts'
import type { OfGroup } from '../types.ts'
import type { PartitionOverview, PodOverview, PodReport, Told } from './types.ts'

/** Milliseconds after which what a pod said is no longer how it is. */
const STALE = 15_000

/**
 * The partitions, and what the pods that have the others said of them, also of those that are not known here
 * yet. @param now milliseconds since the epoch
 */
export function withTold(
  partitions: readonly PartitionOverview[],
  reports: readonly PodReport[],
  now: number,
): readonly PartitionOverview[] {
  if (reports.length === 0) return partitions
  const all = new Map<string, Told>()
  for (const { address, told, problem } of reports) {
    if (told === null) continue
    const { at, pod } = told
    const isCurrent = problem === null && now - at <= STALE
    for (const each of told.partitions) {
      const before = all.get(keyOf(each))
      // One of the two had it before the last rebalance.
      const isOutdone =
        before?.isCurrent === isCurrent ? Date.parse(before.at) >= at : before?.isCurrent === true
      if (isOutdone) continue
      const { word, facts } = each
      all.set(keyOf(each), { ...{ pod, address, isCurrent, word, facts }, ...agedAt(at, now) })
    }
  }
  const known = partitions.map((each) => {
    const told = each.facts === null ? all.get(keyOf(each)) : undefined
    return told === undefined ? each : { ...each, told }
  })
  const names = new Set(partitions.map(keyOf))
  const unknown = reports
    .flatMap(({ told }) => told?.partitions ?? [])
    .flatMap((each): PartitionOverview[] => {
      const told = all.get(keyOf(each))
      if (told === undefined || names.has(keyOf(each))) return []
      names.add(keyOf(each))
      return [{ ...each, word: 'not mine', facts: null, told }]
    })
  return [...known, ...unknown]
}

/** @param now milliseconds since the epoch */
export function podsOf(reports: readonly PodReport[], now: number): readonly PodOverview[] {
  return reports.map(({ address, told, problem }) => ({
    ...{ address, problem, pod: told?.pod ?? null, partitions: told?.partitions.length ?? null },
    ...(told === null ? { at: null, ageSeconds: null } : agedAt(told.at, now)),
  }))
}

const agedAt = (at: number, now: number) => ({
  at: new Date(at).toISOString(),
  ageSeconds: Math.max(0, now - at) / 1000,
})

/** Groups of one service may have the same partition. */
export function keyOf(each: OfGroup & { readonly topic: string; readonly partition: number }) {
  return `${each.group ?? ''} ${partitionName(each)}`
}
