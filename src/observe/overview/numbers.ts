import { nameInGroup } from './conditions/words.ts'
import { p99, type Tally } from './tally.ts'
import type { Numbers, PartitionFacts, PartitionOverview } from './types.ts'

type Own = PartitionOverview & { readonly facts: PartitionFacts }

/**
 * The figures of the process.
 * @param before what was counted a minute ago @param now the same now
 */
export function numbersOf(partitions: readonly Own[], before: Tally, now: Tally): Numbers {
  const known = (pick: (facts: PartitionFacts) => number | null) =>
    partitions.flatMap(({ facts }) => pick(facts) ?? [])
  const ages = known(({ lagSeconds }) => lagSeconds)
  const lags = known(({ lag }) => lag)
  const rates = known(({ inPerSecond }) => inPerSecond)
  const old = partitions.filter(({ facts: { isCurrent } }) => !isCurrent)
  const endAges = old.flatMap(({ facts }) => facts.endAgeSeconds ?? [])
  const seconds = (now.at - before.at) / 1000
  const first = firstLossOf(partitions)
  const slowest = slowestOf(partitions)
  return {
    lagSeconds: ages.length === 0 ? null : Math.max(...ages),
    lagRecords: lags.length === 0 ? null : total(lags),
    unknownPartitions: old.length,
    endAgeSeconds: endAges.length === 0 ? null : Math.max(...endAges),
    inPerSecond: rates.length === 0 || old.length > 0 ? null : total(rates),
    outPerSecond: seconds <= 0 ? null : (now.counts.finished - before.counts.finished) / seconds,
    p99Seconds: p99(before.endToEnd, now.endToEnd),
    secondsUntilLoss: first?.facts.secondsUntilLoss ?? null,
    firstLoss: first === null ? null : nameInGroup(first),
    secondsToDrain: slowest?.facts.secondsToDrain ?? null,
    slowest: slowest === null ? null : nameInGroup(slowest),
    lostRecords: now.counts.lost,
  }
}

/**
 * One whose lag never ends at the present rates, else the one that takes longest; null: all keep up, as far as is
 * known.
 */
function slowestOf(partitions: readonly Own[]): Own | null {
  // What keeps up has a few records on their way at any time, and no end of that.
  const behind = partitions.filter(
    ({ word, facts }) => word !== 'ok' && facts.isCurrent && facts.lag !== 0,
  )
  const [first] = behind.toSorted(
    (a, b) => (b.facts.secondsToDrain ?? Infinity) - (a.facts.secondsToDrain ?? Infinity),
  )
  return first ?? null
}

/** Where retention deletes first, as far as is known. */
function firstLossOf(partitions: readonly Own[]): Own | null {
  const known = partitions.filter(({ facts }) => facts.secondsUntilLoss !== null)
  const left = ({ facts }: Own) => facts.secondsUntilLoss ?? Infinity
  return known.toSorted((a, b) => left(a) - left(b))[0] ?? null
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
