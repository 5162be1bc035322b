import type { HandlerMeter, HistogramSnapshot, Meters, TopicMeter } from '../types.ts'

/** Counted since the start of the process. */
export interface Counts {
  /** Records that were handled, skipped, parked, or became dead letters. */
  readonly finished: number
  readonly lost: number
  readonly cut: number
  readonly dead: number
  readonly rebalances: number
  readonly failedCommits: number
  readonly letterErrors: number
  readonly throttledSeconds: number
  readonly workersReplaced: number
  readonly strays: number
  readonly droppedLines: number
}

/** What is counted so far, of the process and of each handler and sink. */
export interface Tally {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly counts: Counts
  readonly endToEnd: HistogramSnapshot | null
  readonly handlers: ReadonlyMap<string, HandlerTally>
  readonly sinks: ReadonlyMap<string, SinkTally>
}

export interface HandlerTally {
  readonly outcomes: Readonly<HandlerMeter['outcomes']>
  readonly calls: HistogramSnapshot
}

export interface SinkTally {
  readonly values: number
  readonly errors: number
  readonly writes: HistogramSnapshot
}

function countsOf({ process, workers, handlers, deadLetters }: Meters, topics: TopicMeter[]) {
  const dead = sum(topics, ({ failedRecords }) => sumOf(failedRecords.values()))
  return {
    finished: sum(topics, ({ handled, skipped, parked }) => handled + skipped + parked) + dead,
    lost: sum(topics, ({ recordsLost }) => recordsLost),
    cut: sum(topics, ({ recordsCut }) => recordsCut),
    dead,
    rebalances: sumOf(process.rebalancesByProtocol.values()),
    failedCommits: process.commits.failed,
    letterErrors: sum([...deadLetters.values()], ({ errors }) => sumOf(errors.values())),
    throttledSeconds: process.throttledSeconds,
    workersReplaced: workers.replaced.died + workers.replaced.hung,
    strays: sum(
      [process, ...handlers.values()],
      ({ strays }) => strays.rejection + strays.exception,
    ),
    droppedLines: process.droppedLines,
  }
}

/** @param at monotonic milliseconds */
export function tallyOf(meters: Meters, at: number): Tally {
  const topics = topicsOf(meters)
  const { handlers, sinks } = meters
  return {
    at,
    counts: countsOf(meters, topics),
    endToEnd: added(topics.map(({ endToEndSeconds }) => endToEndSeconds.snapshot())),
    handlers: new Map(
      Array.from(handlers, ([name, { outcomes, callSeconds }]) => [
        name,
        { outcomes: { ...outcomes }, calls: callSeconds.snapshot() },
      ]),
    ),
    sinks: new Map(
      Array.from(sinks, ([name, { values, errors, writeSeconds }]) => [
        name,
        { values, errors: sumOf(errors.values()), writes: writeSeconds.snapshot() },
      ]),
    ),
  }
}

/** The value below which 99 % of what was observed in between lies; null: nothing was. */
export function p99(
  before: HistogramSnapshot | null | undefined,
  now: HistogramSnapshot | null | undefined,
): number | null {
  if (now == null) return null
  const counts = now.cumulative.map((count, index) => count - (before?.cumulative[index] ?? 0))
  const all = counts.at(-1) ?? 0
  if (all <= 0) return null
  const wanted = 0.99 * all
  const index = counts.findIndex((count) => count >= wanted)
  const upper = now.bounds[index]
  // Beyond the last bound nothing more is known.
  if (upper === undefined) return now.bounds.at(-1) ?? null
  const [lower, below] = [now.bounds[index - 1] ?? 0, counts[index - 1] ?? 0]
  return lower + ((upper - lower) * (wanted - below)) / ((counts[index] ?? 0) - below)
}

function topicsOf({ topics, groups }: Meters): TopicMeter[] {
  return [topics, ...groups.values()].flatMap((each) => [...each.values()])
}

/** Of histograms with the same bounds. */
function added(all: readonly HistogramSnapshot[]): HistogramSnapshot | null {
  const [first] = all
  if (first === undefined) return null
  return {
    bounds: first.bounds,
    cumulative: first.cumulative.map((_, index) =>
      sum(all, ({ cumulative }) => cumulative[index] ?? 0),
    ),
    sum: sum(all, (each) => each.sum),
    count: sum(all, ({ count }) => count),
  }
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return sumOf(items.map(value))
}

function sumOf(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
