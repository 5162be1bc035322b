import type { OutgoingRecord, TopicWriter } from '../../../broker/topics/topic-writer.ts'
import { codeOf, OccError } from '../../../kernel/errors.ts'
import type { KafkaRecord } from '../../../kernel/shapes/record.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { LetterIndex, type Marker } from '../file/letter-index.ts'
import { fits } from '../filter.ts'
import { outlineOf } from '../outline.ts'
import type { DeadLetterStore, LetterFilter, Reading, StoredLetter } from '../types.ts'
import { recordToLetter } from './letter-headers.ts'
import { deadLetterTopic } from './target.ts'

export interface KafkaStoreOptions {
  readonly topicPattern: string
  /** Topics whose letters are listed, unless a filter names others. */
  readonly topics: readonly string[]
  /** For messages: which cluster. */
  readonly brokers: readonly string[]
}

export interface KafkaStoreParts {
  /** The current records, from the first; rejects with OCC_TOPIC_UNKNOWN. */
  read(topic: string): AsyncIterable<KafkaRecord>
  readonly writer: TopicWriter
  /** Keeps others from redriving or dropping letters of the topic of letters; null: another one does. */
  lock(topic: string): Promise<TopicLock | null>
  readonly clock: Clock
}

export interface TopicLock {
  /** False: it is lost. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

/** Header of a record without a value whose key is the letter's id. */
const MARKER_HEADER = 'occ-marker'
const FAILED_AT_HEADER = 'occ-failed-at'

/**
 * The letters in dead-letter topics. A single record cannot be deleted from a topic, so a marker
 * record says that a letter is handled: no value, the letter's id as its key, and what became of
 * the letter in the header `occ-marker`. Both stay until the topic's retention deletes them.
 *
 * A list reads the topic twice, because markers come after their letters; one of outlines once.
 */
export function createKafkaStore(
  options: KafkaStoreOptions,
  { read, writer, lock, clock }: KafkaStoreParts,
): DeadLetterStore {
  const { topicPattern, topics, brokers } = options
  let locks: readonly TopicLock[] = []

  function placesOf({ topics: named, names }: LetterFilter): string[] {
    const wanted = named ?? topicsIn(names) ?? topics
    return [...new Set(wanted.map((topic) => deadLetterTopic(topicPattern, topic)))]
  }

  async function exists(topic: string): Promise<boolean> {
    try {
      for await (const _ of read(topic)) return true
    } catch (error) {
      if (codeOf(error) !== 'OCC_TOPIC_UNKNOWN') throw error
      return false
    }
    return true
  }

  async function* recordsOf(topic: string): AsyncGenerator<KafkaRecord> {
    try {
      yield* read(topic)
    } catch (error) {
      // Nothing has failed so far: the first letter creates the topic or reports that it is
      // missing.
      if (codeOf(error) !== 'OCC_TOPIC_UNKNOWN') throw error
    }
  }

  /** @param keptOf What the index keeps of a letter. */
  async function readIndex<Kept>(
    topic: string,
    keptOf: (letter: StoredLetter, record: KafkaRecord) => Kept,
    goesOn: Reading['goesOn'] = () => true,
  ): Promise<LetterIndex<Kept>> {
    const index = new LetterIndex<Kept>()
    for await (const record of recordsOf(topic)) {
      const letter = recordToLetter(record)
      const marker = letter === null ? toMarker(record) : null
      if (letter !== null) index.letter(letter, keptOf(letter, record))
      if (marker !== null) index.marker(marker)
      if (!(await goesOn(index.held))) break
    }
    return index
  }

  async function* outlinesOf(
    topic: string,
    goesOn: Reading['goesOn'],
  ): AsyncGenerator<StoredLetter> {
    const index = await readIndex(topic, outlineOf, goesOn)
    for (const { place, sendingSince } of index.open()) yield { ...place, sendingSince }
  }

  async function* lettersOf(
    topic: string,
    goesOn: Reading['goesOn'],
  ): AsyncGenerator<StoredLetter> {
    const index = await readIndex(topic, (_, record) => placeOf(record), goesOn)
    const open = new Map(Array.from(index.open(), (entry) => [entry.place, entry.sendingSince]))
    if (open.size === 0) return
    for await (const record of recordsOf(topic)) {
      const sendingSince = open.get(placeOf(record))
      if (sendingSince === undefined) continue
      const letter = recordToLetter(record)
      if (letter !== null) yield { ...letter, sendingSince }
      open.delete(placeOf(record))
      if (open.size === 0 || !(await (goesOn?.(open.size) ?? true))) return
    }
  }

  async function mark(kind: Marker['marker'], letters: readonly StoredLetter[]): Promise<void> {
    if (letters.length === 0) return
    await writer.write(letters.map((letter) => toRecord(letter, kind)))
  }

  function toRecord({ id, record, failedAt }: StoredLetter, kind: Marker['marker']) {
    const outgoing: OutgoingRecord = {
      topic: deadLetterTopic(topicPattern, record.topic),
      key: Buffer.from(id),
      value: null,
      headers: { [MARKER_HEADER]: kind, [FAILED_AT_HEADER]: String(failedAt) },
      timestamp: clock.now(),
      partition: record.partition,
    }
    return outgoing
  }

  return {
    places: (filter) =>
      Promise.all(
        placesOf(filter).map(async (topic) => ({
          name: `the topic ${topic} at ${brokers.join(', ')}`,
          exists: await exists(topic),
        })),
      ),
    async *list(filter, { outlines = false, goesOn } = {}) {
      for (const topic of placesOf(filter)) {
        const found = outlines ? outlinesOf(topic, goesOn) : lettersOf(topic, goesOn)
        for await (const letter of found) if (fits(letter, filter)) yield letter
      }
    },
    async sending(letters) {
      const held = await Promise.all(locks.map((each) => each.isHeld()))
      if (held.includes(false)) throw lockLost()
      await mark('sending', letters)
    },
    returned: (letters) => mark('returned', letters),
    end: (letters, how) => mark(how, letters),
    async lock(filter) {
      const wanted = placesOf(filter)
      const results = await Promise.allSettled(wanted.map(lock))
      locks = results.flatMap((each) => (each.status === 'fulfilled' ? (each.value ?? []) : []))
      for (const [index, each] of results.entries()) {
        if (each.status === 'rejected') throw each.reason
        if (each.value === null) throw locked(wanted[index] ?? '')
      }
    },
    async close() {
      const held = locks
      locks = []
      await Promise.all(held.map((each) => each.release()))
      await writer.close()
    },
  }
}

function locked(topic: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    `Another redrive or drop of the topic ${topic} is under way: wait for its end. The lock of one that was killed ends by itself within 10 s.`,
    { retriable: true },
  )
}

function lockLost(): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCK_LOST',
    'The brokers do not keep the lock of this redrive any more, so another one may have begun: wait for its end, and run the same command again.',
    { retriable: true },
  )
}

/** `topic/partition/offset` says which topic to read; an id does not. */
function topicsIn(names: readonly string[] | undefined): readonly string[] | undefined {
  if (names === undefined || !names.every((name) => name.includes('/'))) return undefined
  return names.map((name) => name.slice(0, name.indexOf('/')))
}

function placeOf({ partition, offset }: KafkaRecord): string {
  return `${partition}/${offset}`
}

function toMarker({ key, headers, timestamp }: KafkaRecord): Marker | null {
  const kind = headers?.[MARKER_HEADER]?.toString()
  const failedAt = Number(headers?.[FAILED_AT_HEADER]?.toString() ?? Number.NaN)
  if (key === null || Number.isNaN(failedAt)) return null
  if (!isKind(kind)) return null
  return { marker: kind, id: key.toString(), failedAt, at: timestamp }
}

function isKind(text: string | undefined): text is Marker['marker'] {
  return ['sending', 'returned', 'redriven', 'dropped'].includes(text ?? '')
}
