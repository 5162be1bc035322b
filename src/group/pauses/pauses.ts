import { codeOf, OccError, toOccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { type Pause, type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import {
  entriesIn,
  joined,
  type PauseEntries,
  type PauseEntry,
  pausesOf,
  textOf,
} from './entries.ts'
import type { Note, NoteStore, PauseChange, PauseOrder } from './types.ts'

export interface PausesParts {
  readonly store: NoteStore
  /** The first one has the notes about handlers. */
  readonly topics: readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** What is in force now; called at each change. */
  changed(pauses: readonly Pause[]): void
  failed(error: OccError): void
  /** Milliseconds between two looks. Default: 2 s. */
  readonly interval?: number
}

interface ReadNote extends Note {
  readonly entries: readonly PauseEntry[]
}

/** How soon other pods know. Milliseconds. */
const INTERVAL = 2_000
/** This user may not read it. Then nobody with the same rights can have paused anything. */
const REFUSED = 'OCC_GROUP_NOT_AUTHORIZED'
/** Until somebody has changed that. Milliseconds. */
const REFUSED_INTERVAL = 60_000
/** How long a coordinator may take to move, before an operator is told. Milliseconds. */
const PATIENCE = 6_000
const AGAIN = 250
/** A look may fail for this long before it is said. Milliseconds. */
const PASSING = 10_000
/** As the present time: nothing is a day old. */
const NEVER_FORGOTTEN = 0

/**
 * What operators have paused, for all members of the group. It is kept with the group on the brokers;
 * every pod looks there again and again, adds what is new to what it knows, and writes what is
 * missing there. So what two pods wrote at once is joined, and nothing depends on a single pod.
 */
export class Pauses {
  readonly #parts: PausesParts
  readonly #stopping = new AbortController()
  #entries: PauseEntries = new Map()
  /** Null until it is known. */
  #inForce: readonly Pause[] | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()
  #failure: OccError | null = null
  #failingSince: number | null = null
  /** Monotonic milliseconds; null: never. */
  #readAt: number | null = null
  #isFailureSaid = false
  #isStarted = false

  constructor(parts: PausesParts) {
    this.#parts = parts
  }

  /** In force now. */
  list(): readonly Pause[] {
    return pausesOf(this.#entries.values(), this.#parts.clock.now())
  }

  /** Why nothing may be consumed, written for users; null: it is known what is paused. */
  get unknown(): string | null {
    if (this.#inForce !== null) return null
    const why = this.#failure?.message ?? 'it is being read'
    return `it is not known what operators have paused, so nothing is consumed: ${why.replace(/\.$/, '')}. It is read again every 2 s; remedy: bring the coordinator of that group back, or remove admin.tokenFile to consume whatever is paused`
  }

  /**
   * Milliseconds since it was read, so that others may have paused or resumed; null: that was just now, it was
   * never, or nobody with these rights could have paused anything.
   */
  get age(): number | null {
    if (this.#readAt === null || this.#failure?.code === REFUSED) return null
    // A broker that hangs fails nothing for as long as a request may take.
    const age = this.#parts.clock.monotonic() - this.#readAt
    return age < PASSING ? null : age
  }

  /** Until then nobody is told of changes: who would hold them may not be there yet. */
  start(): void {
    this.#isStarted = true
    if (this.#inForce !== null) this.#parts.changed(this.#inForce)
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#parts.store.close()
    await this.#running
  }

  /** Keeps it for the group, and applies it here. Rejects if it could not be kept. */
  pause({ target, by, until, reason }: PauseOrder): Promise<PauseChange> {
    return this.#change(target, (at) => [{ target, at, isPaused: true, by, until, reason }])
  }

  /** Resuming a topic resumes all of its partitions. */
  resume({ target, by, reason }: PauseOrder): Promise<PauseChange> {
    return this.#change(target, (at, paused) =>
      paused.map((each) => ({ target: each, at, isPaused: false, by, until: null, reason })),
    )
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { interval = INTERVAL, clock } = this.#parts
    while (!signal.aborted) {
      const failure = await this.#inTurn(() => this.#look())
        .then(() => null)
        .catch((error) => toOccError(error, 'OCC_BROKER', { retriable: true }))
      if (signal.aborted) return
      this.#report(failure)
      // What is known ends in time, even while nothing can be read.
      if (this.#inForce !== null) this.#apply(this.#entries)
      const now = clock.now()
      const ends = this.list().flatMap(({ until }) => (until === null ? [] : [until - now]))
      await sleep(
        Math.min(failure?.code === REFUSED ? REFUSED_INTERVAL : interval, ...ends),
        signal,
      )
    }
  }

  /** One look or change after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #look(): Promise<void> {
    const { store, clock } = this.#parts
    const asked = clock.monotonic()
    const read = await store.read()
    this.#readAt = asked
    const notes = read.map((note): ReadNote => ({ ...note, entries: entriesIn(note.text) }))
    const found = notes.flatMap(({ entries }) => entries)
    const now = clock.now()
    const all = joined(this.#entries, found, now)
    this.#apply(all)
    const there = joined(new Map(), found, now)
    const missing = [...all].filter(([name, { at }]) => there.get(name)?.at !== at)
    const outdated = this.#outdated(notes)
    const places = [
      ...missing.map(([, { target }]) => this.#place(target)),
      ...outdated,
      // What else lies there may belong elsewhere.
      ...outdated.flatMap(({ entries }) => entries.map(({ target }) => this.#place(target))),
    ]
    if (places.length === 0) return
    // One place that cannot be written, such as that of a deleted topic, is no reason to stop.
    await this.#write(all, places).catch((error) => this.#parts.failed(error))
  }

  /**
   * Notes with an entry that a later one elsewhere replaces: the first topic has changed since. Left
   * there, it would count again as soon as the later one is forgotten.
   */
  #outdated(notes: readonly ReadNote[]): readonly ReadNote[] {
    const found = notes.flatMap(({ entries }) => entries)
    const newest = joined(this.#entries, found, NEVER_FORGOTTEN)
    return notes.filter(({ entries }) =>
      entries.some(({ target, at }) => newest.get(pauseTargetName(target))?.at !== at),
    )
  }

  #change(
    target: PauseTarget,
    entriesAt: (at: number, paused: readonly PauseTarget[]) => readonly PauseEntry[],
  ): Promise<PauseChange> {
    const { clock } = this.#parts
    return this.#inTurn(async () => {
      const until = clock.monotonic() + PATIENCE
      await this.#patiently(until, () => this.#look())
      const before = this.list().filter((each) => isWithin(each, target))
      const now = clock.now()
      const known = [...this.#entries.values()].filter((each) => isWithin(each.target, target))
      const at = Math.max(now, ...known.map((each) => each.at + 1))
      const entries = entriesAt(at, before.map(targetIn))
      const isPause = entries.some(({ isPaused }) => isPaused)
      const all = joined(this.#entries, entries, now)
      if (entries.length > 0) {
        const places = entries.map((each) => this.#place(each.target))
        await this.#patiently(until, () => this.#write(all, places)).catch((error) => {
          // Nothing can be kept with a topic that was deleted, and nobody consumes it.
          if (isPause || codeOf(error) !== 'OCC_TOPIC_UNKNOWN') throw error
        })
      }
      this.#apply(all)
      return { before, after: this.list().filter((each) => isWithin(each, target)) }
    })
  }

  async #patiently<T>(until: number, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        const { signal } = this.#stopping
        const mayPass = error instanceof OccError && error.retriable && !signal.aborted
        if (!mayPass || this.#parts.clock.monotonic() > until) throw error
        await sleep(AGAIN, signal)
      }
    }
  }

  /** Writes the notes of these places. */
  async #write(all: PauseEntries, places: readonly TopicPartition[]): Promise<void> {
    const notes = [...new Map(places.map(named))].map(([name, { topic, partition }]) => ({
      ...{ topic, partition },
      text: textOf(
        [...all.values()].filter(({ target }) => partitionName(this.#place(target)) === name),
      ),
    }))
    await this.#parts.store.write(notes)
  }

  #place(target: PauseTarget): TopicPartition {
    if ('handler' in target) return { topic: this.#parts.topics[0] ?? '', partition: 0 }
    return { topic: target.topic, partition: target.partition ?? 0 }
  }

  #apply(all: PauseEntries): void {
    const { log } = this.#parts
    const changed = (held: readonly Pause[]) => {
      if (this.#isStarted) this.#parts.changed(held)
    }
    const former = this.#entries
    this.#entries = all
    const pauses = this.list()
    // Paused and resumed between two looks: that, too, has others fetch a damaged batch again.
    const passed = [...all.values()].filter(
      ({ target, isPaused, at }) =>
        !isPaused && (former.get(pauseTargetName(target))?.at ?? 0) < at,
    )
    const names = (list: readonly Pause[]) => list.map(pauseTargetName).sort().join()
    const isSame = this.#inForce !== null && names(pauses) === names(this.#inForce)
    const wasKnown = this.#inForce !== null
    this.#inForce = pauses
    if (isSame && passed.length === 0) return
    if (passed.length > 0 && wasKnown) changed([...pauses, ...pausesOf(passed.map(asPaused), 0)])
    changed(pauses)
    if (isSame || (!wasKnown && pauses.length === 0)) return
    const list = pauses.map((each) => `${pauseTargetName(each)} (${each.by})`).join(', ')
    log.info(
      { event: 'admin.pauses-changed', pauses },
      pauses.length === 0 ? 'Nothing is paused any more' : `Paused by operators: ${list}`,
    )
  }

  #report(failure: OccError | null): void {
    const { clock, log, failed } = this.#parts
    this.#failure = failure
    if (failure === null) {
      this.#failingSince = null
      this.#isFailureSaid = false
      return
    }
    failed(failure)
    const now = clock.monotonic()
    this.#failingSince ??= now
    const { code, message } = failure
    if (code === REFUSED) this.#apply(this.#entries)
    else if (now - this.#failingSince < PASSING) return
    if (this.#isFailureSaid) return
    this.#isFailureSaid = true
    const text =
      this.#inForce === null
        ? 'It is not known what operators have paused, so nothing is consumed'
        : 'What operators pause in other pods is not known; what was known stays'
    log.warn({ event: 'admin.pauses-unread', code }, `${text}: ${message}`)
  }
}

const named = (place: TopicPartition) => [partitionName(place), place] as const

const asPaused = (entry: PauseEntry): PauseEntry => ({ ...entry, isPaused: true, until: null })

function targetIn(pause: Pause): PauseTarget {
  if ('handler' in pause) return { handler: pause.handler }
  const { topic, partition } = pause
  return partition === undefined ? { topic } : { topic, partition }
}

/** Whether it is the target, or a partition of the topic. */
function isWithin(each: PauseTarget, target: PauseTarget): boolean {
  if ('handler' in target || 'handler' in each) {
    return pauseTargetName(each) === pauseTargetName(target)
  }
  if (each.topic !== target.topic) return false
  return target.partition === undefined || each.partition === target.partition
}
