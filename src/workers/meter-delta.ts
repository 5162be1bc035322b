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

const NONE = {}

/**
 * Reads meters repeatedly and returns what was added since the last read. Without `isFull` the
 * meters of the process, which nothing that handles records adds to, are left for a later read.
 * Called for each answer of a worker: what has not changed is only looked at.
 */
export function createMeterReader(meters: Meters): (isFull: boolean) => MeterDelta | null {
  const readTopics = readerOfMeters(meters.topics)
  const readHandlers = readerOfMeters(meters.handlers)
  const readProcess = readerOfMeters(new Map([['process', meters.process]]))
  return (isFull) => {
    const topics = readTopics()
    const handlers = readHandlers()
    const process = isFull ? readProcess() : null
    if (topics === null && handlers === null && process === null) return null
    return { topics: topics ?? NONE, handlers: handlers ?? NONE, process: process ?? NONE }
  }
}

export function addMeters(meters: Meters, delta: MeterDelta): void {
  for (const [name, counts] of Object.entries(delta.topics)) add(meters.topic(name), counts)
  for (const [name, counts] of Object.entries(delta.handlers)) add(meters.handler(name), counts)
  for (const counts of Object.values(delta.process)) add(meters.process, counts)
}

/** What was added since the last call; null: nothing. */
type Reader<Value> = () => Value | null

/** New meters may come. */
function readerOfMeters(meters: ReadonlyMap<string, object>): Reader<Record<string, Counts>> {
  const readers = new Map<string, Reader<Counts>>()
  const readAll = readerOfAll(readers)
  return () => {
    for (const [name, meter] of meters) {
      if (!readers.has(name)) readers.set(name, readerOf(meter))
    }
    return readAll()
  }
}

/** The fields of a meter stay what they are; only labels in them may come. */
function readerOf(meter: object): Reader<Counts> {
  const labelReaders = new Map<string, Reader<Record<string, number>>>()
  const timeReaders = new Map<string, Reader<Observed>>()
  for (const [name, field] of Object.entries(meter as Fields)) {
    if (typeof field === 'number') continue
    if (isHistogram(field)) timeReaders.set(name, field.reader())
    else labelReaders.set(name, readerOfNumbers(field))
  }
  const readNumbers = readerOfNumbers(meter)
  const readLabelled = readerOfAll(labelReaders)
  const readTimes = readerOfAll(timeReaders)
  return () => {
    const numbers = readNumbers()
    const labelled = readLabelled()
    const times = readTimes()
    if (numbers === null && labelled === null && times === null) return null
    return { numbers: numbers ?? NONE, labelled: labelled ?? NONE, times: times ?? NONE }
  }
}

/** Of the numbers among its values. */
function readerOfNumbers(values: object): Reader<Record<string, number>> {
  const before = new Map<string, number>()
  return () => {
    let added: Record<string, number> | null = null
    for (const [name, value] of values instanceof Map ? values : Object.entries(values)) {
      if (typeof value !== 'number') continue
      const difference = value - (before.get(name) ?? 0)
      if (difference === 0) continue
      before.set(name, value)
      added ??= {}
      added[name] = difference
    }
    return added
  }
}

function readerOfAll<Value>(
  readers: ReadonlyMap<string, Reader<Value>>,
): Reader<Record<string, Value>> {
  return () => {
    let all: Record<string, Value> | null = null
    for (const [name, read] of readers) {
      const added = read()
      if (added === null) continue
      all ??= {}
      all[name] = added
    }
    return all
  }
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
