import type { FastHistogram, Meters, Observed } from '../observe/types.ts'

/** What a worker counted since its last report. Only changes are included. */
export interface MeterDelta {
  readonly topics: Readonly<Record<string, Counts>>
  readonly handlers: Readonly<Record<string, Counts>>
  /** Meters of the process: absent, or one entry with this name. */
  readonly process: Readonly<Record<string, Counts>>
}

/** Fields of a meter: all it has, so none needs to be named here. */
interface Counts {
  readonly numbers: Readonly<Record<string, number>>
  readonly labelled: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly times: Readonly<Record<string, Observed>>
}

type Field = number | Map<string, number> | Record<string, number> | FastHistogram
type Fields = Record<string, Field>

/**
 * Reads meters repeatedly and returns what was added since the last read. Without `isFull` the
 * meters of the process, which nothing that handles records adds to, are left for a later read.
 */
export function createMeterReader(meters: Meters): (isFull: boolean) => MeterDelta | null {
  const topics = new Map<string, Counts>()
  const handlers = new Map<string, Counts>()
  const own = new Map([['process', meters.process]])
  const process = new Map<string, Counts>()
  return (isFull) => {
    const delta = {
      topics: addedTo(meters.topics, topics),
      handlers: addedTo(meters.handlers, handlers),
      process: isFull ? addedTo(own, process) : {},
    }
    const isNothing = Object.values(delta).every((one) => Object.keys(one).length === 0)
    return isNothing ? null : delta
  }
}

export function addMeters(meters: Meters, delta: MeterDelta): void {
  for (const [name, counts] of Object.entries(delta.topics)) add(meters.topic(name), counts)
  for (const [name, counts] of Object.entries(delta.handlers)) add(meters.handler(name), counts)
  for (const counts of Object.values(delta.process)) add(meters.process, counts)
}

function addedTo(
  meters: ReadonlyMap<string, object>,
  before: Map<string, Counts>,
): Record<string, Counts> {
  const all: Record<string, Counts> = {}
  for (const [name, meter] of meters) {
    const counts = read(meter)
    const added = subtract(counts, before.get(name))
    before.set(name, counts)
    if (Object.values(added).some((part) => Object.keys(part).length > 0)) all[name] = added
  }
  return all
}

function read(meter: object): Counts {
  const numbers: Record<string, number> = {}
  const labelled: Record<string, Record<string, number>> = {}
  const times: Record<string, Observed> = {}
  for (const [name, field] of Object.entries(meter as Fields)) {
    if (typeof field === 'number') numbers[name] = field
    else if (field instanceof Map) labelled[name] = Object.fromEntries(field)
    else if (isHistogram(field)) times[name] = readTimes(field)
    else labelled[name] = { ...field }
  }
  return { numbers, labelled, times }
}

function add(meter: object, { numbers, labelled, times }: Counts): void {
  const fields = meter as Fields
  addNumbers(fields as Record<string, number>, numbers)
  for (const [name, counts] of Object.entries(labelled)) {
    const field = fields[name]
    if (field instanceof Map) {
      for (const [label, count] of Object.entries(counts)) {
        field.set(label, (field.get(label) ?? 0) + count)
      }
    } else if (typeof field === 'object' && !isHistogram(field)) {
      addNumbers(field, counts)
    }
  }
  for (const [name, observed] of Object.entries(times)) {
    const field = fields[name]
    if (isHistogram(field)) field.add(observed)
  }
}

function addNumbers(
  target: Record<string, number>,
  numbers: Readonly<Record<string, number>>,
): void {
  for (const [name, number] of Object.entries(numbers)) target[name] = (target[name] ?? 0) + number
}

function isHistogram(field: Field | undefined): field is FastHistogram {
  return typeof field === 'object' && 'snapshot' in field
}

function readTimes(histogram: FastHistogram): Observed {
  const { cumulative, sum } = histogram.snapshot()
  return { counts: cumulative.map((count, index) => count - (cumulative[index - 1] ?? 0)), sum }
}

function subtract(now: Counts, old: Counts | undefined): Counts {
  const labelled: Record<string, Record<string, number>> = {}
  for (const [name, counts] of Object.entries(now.labelled)) {
    const added = subtractNumbers(counts, old?.labelled[name])
    if (Object.keys(added).length > 0) labelled[name] = added
  }
  const times: Record<string, Observed> = {}
  for (const [name, { counts, sum }] of Object.entries(now.times)) {
    const before = old?.times[name]
    const added = counts.map((count, index) => count - (before?.counts[index] ?? 0))
    if (added.some((count) => count !== 0)) {
      times[name] = { counts: added, sum: sum - (before?.sum ?? 0) }
    }
  }
  return { numbers: subtractNumbers(now.numbers, old?.numbers), labelled, times }
}

function subtractNumbers(
  now: Readonly<Record<string, number>>,
  old: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const added: Record<string, number> = {}
  for (const [name, number] of Object.entries(now)) {
    const difference = number - (old[name] ?? 0)
    if (difference !== 0) added[name] = difference
  }
  return added
}
