import type { FastHistogram, HandlerMeter, Meters, TopicMeter } from '../observe/types.ts'

/** What a worker counted since it told last. Only what differs from nothing is in it. */
export interface MeterDelta {
  readonly topics: Readonly<Record<string, Counts>>
  readonly handlers: Readonly<Record<string, Counts>>
  /** Errors that are no handler's. */
  readonly strays: Counts | null
}

interface Counts {
  readonly numbers: Readonly<Record<string, number>>
  /** Observations by bucket, the one beyond the last bound at the end; and their sum. */
  readonly times: { readonly counts: readonly number[]; readonly sum: number } | null
}

/** What the pipeline counts; the flow counts the rest in the main thread. */
const TOPIC_COUNTERS = [
  'decodedBytes',
  'lz4Records',
  'events',
  'unreadableEvents',
  'duplicates',
  'filteredEvents',
] as const
const OUTCOMES = ['ok', 'skip', 'retry', 'dead'] as const
const STRAYS = ['rejection', 'exception'] as const

/** Reads meters again and again, and tells what was added since the last time. */
export function createMeterReader(meters: Meters): () => MeterDelta | null {
  const before = new Map<string, Counts>()

  function difference(name: string, counts: Counts): Counts | null {
    const old = before.get(name)
    before.set(name, counts)
    const numbers = Object.entries(counts.numbers).flatMap(([key, value]) => {
      const added = value - (old?.numbers[key] ?? 0)
      return added === 0 ? [] : [[key, added] as const]
    })
    const added = subtract(counts.times, old?.times ?? null)
    if (numbers.length === 0 && added === null) return null
    return { numbers: Object.fromEntries(numbers), times: added }
  }

  function all<Meter>(kind: string, of: Iterable<[string, Meter]>, read: (one: Meter) => Counts) {
    const entries = Array.from(of, ([name, meter]) => {
      return [name, difference(`${kind} ${name}`, read(meter))] as const
    })
    return entries.flatMap(([name, counts]) => (counts === null ? [] : [[name, counts] as const]))
  }

  return () => {
    const topics = all('topic', meters.topics, readTopic)
    const handlers = all('handler', meters.handlers, readHandler)
    const strays = difference('strays', { numbers: { ...meters.process.strays }, times: null })
    if (topics.length === 0 && handlers.length === 0 && strays === null) return null
    return { topics: Object.fromEntries(topics), handlers: Object.fromEntries(handlers), strays }
  }
}

export function addMeters(meters: Meters, delta: MeterDelta): void {
  for (const [name, { numbers, times }] of Object.entries(delta.topics)) {
    const meter = meters.topic(name)
    for (const counter of TOPIC_COUNTERS) meter[counter] += numbers[counter] ?? 0
    if (times !== null) meter.decodeSeconds.add(times.counts, times.sum)
  }
  for (const [name, { numbers, times }] of Object.entries(delta.handlers)) {
    const meter = meters.handler(name)
    for (const outcome of OUTCOMES) meter.outcomes[outcome] += numbers[outcome] ?? 0
    meter.timeouts += numbers['timeouts'] ?? 0
    meter.hanging += numbers['hanging'] ?? 0
    for (const kind of STRAYS) meter.strays[kind] += numbers[kind] ?? 0
    if (times !== null) meter.callSeconds.add(times.counts, times.sum)
  }
  const { strays } = meters.process
  for (const kind of STRAYS) strays[kind] += delta.strays?.numbers[kind] ?? 0
}

function readTopic(meter: TopicMeter): Counts {
  const numbers = Object.fromEntries(TOPIC_COUNTERS.map((counter) => [counter, meter[counter]]))
  return { numbers, times: readTimes(meter.decodeSeconds) }
}

function readHandler({ outcomes, strays, callSeconds, ...meter }: HandlerMeter): Counts {
  const { timeouts, hanging } = meter
  const numbers = { ...outcomes, ...strays, timeouts, hanging }
  return { numbers, times: readTimes(callSeconds) }
}

function readTimes(histogram: FastHistogram): Counts['times'] {
  const { cumulative, sum } = histogram.snapshot()
  return { counts: cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0)), sum }
}

function subtract(now: Counts['times'], old: Counts['times']): Counts['times'] {
  if (now === null || old === null) return now
  const counts = now.counts.map((count, index) => count - (old.counts[index] ?? 0))
  return counts.every((count) => count === 0) ? null : { counts, sum: now.sum - old.sum }
}
