import type { RecordOrder } from '../types.ts'
import { insertByOffset, KeyQueue, removeFrom } from './key-queue.ts'
import type { PendingRecord } from './pending-record.ts'

/**
 * The entries of one partition, and which of them may be handed over: with order `partition` they
 * stand in one line, with `key` in one for each key, with `none` (or without a key) in no line.
 */
export class KeyQueues {
  readonly #order: RecordOrder
  readonly #only = new KeyQueue()
  readonly #byKey = new Map<string, KeyQueue>()
  /** Ascending by offset. */
  readonly #ready: PendingRecord[] = []
  #size = 0

  constructor(order: RecordOrder) {
    this.#order = order
  }

  /** How many may be handed over one by one. */
  get ready(): number {
    return this.#ready.length
  }

  /** Nothing here is in the way of a record that comes now. */
  get free(): boolean {
    return this.#size === 0 || this.#order === 'none'
  }

  /** Whether a record that is added may become part of the next slice. */
  get open(): boolean {
    const first = this.#only.first
    return first === undefined || first.state === 'ready'
  }

  /** How many the next slice could have, at most. */
  get available(): number {
    if (this.#order !== 'partition') return this.#ready.length
    return this.#ready.length === 0 ? 0 : this.#only.entries.length
  }

  /** Whether the two must not swap. */
  areBound(one: PendingRecord, other: PendingRecord): boolean {
    if (this.#order === 'partition') return true
    return this.#order === 'key' && one.key !== null && one.key === other.key
  }

  /** A new one, or one that comes back: it goes to its place by offset. */
  add(entry: PendingRecord): void {
    this.#size += 1
    entry.state = 'lined'
    const line = this.#lineOf(entry)
    entry.line = line
    if (line === null) {
      this.#makeReady(entry)
      return
    }
    const before = line.first
    insertByOffset(line.entries, entry)
    if (before !== undefined && line.first === entry) this.#stepBack(before)
    this.#promote(line)
  }

  /** One that was handed over at once, because nothing was in its way. */
  addRunning(entry: PendingRecord): void {
    this.#size += 1
    const line = this.#lineOf(entry)
    entry.line = line
    line?.entries.push(entry)
    this.#start(entry)
  }

  next(): PendingRecord | undefined {
    const entry = this.#ready.shift()
    if (entry !== undefined) this.#start(entry)
    return entry
  }

  /** The one that is ready with the highest offset. */
  last(): PendingRecord | undefined {
    const entry = this.#ready.pop()
    if (entry !== undefined) this.#start(entry)
    return entry
  }

  /** At most so many for a slice: of one line in their order, or such that are bound to no other. */
  nextSlice(most: number): PendingRecord[] {
    const first = this.next()
    if (first === undefined) return []
    const entries = [first]
    if (this.#order === 'partition') {
      for (const entry of this.#only.entries.slice(1, most)) {
        // One that waits for its time goes on waiting, and so does all that is behind it.
        if (entry.state !== 'lined') break
        this.#start(entry)
        entries.push(entry)
      }
    } else {
      while (entries.length < most) {
        const entry = this.next()
        if (entry === undefined) break
        entries.push(entry)
      }
    }
    return entries
  }

  /** The attempt is over; `back`, `wait` or `remove` says what follows. */
  ended(entry: PendingRecord): void {
    if (entry.line !== null) entry.line.running -= 1
  }

  /** It may be tried again as soon as it is its turn. */
  back(entry: PendingRecord): void {
    entry.state = 'lined'
    if (entry.line === null) this.#makeReady(entry)
    else this.#promote(entry.line)
  }

  /**
   * It holds its line until `back` is called. False: others came before it meanwhile; then it waits
   * for them, and for no time.
   */
  wait(entry: PendingRecord): boolean {
    if (entry.line === null || entry.line.first === entry) {
      entry.state = 'waiting'
      return true
    }
    this.back(entry)
    return false
  }

  remove(entry: PendingRecord): void {
    const { line } = entry
    this.#size -= 1
    if (entry.state === 'ready') removeFrom(this.#ready, entry)
    entry.line = null
    if (line === null) return
    removeFrom(line.entries, entry)
    if (line.entries.length > 0) this.#promote(line)
    else if (entry.key !== null && line !== this.#only) this.#byKey.delete(entry.key)
  }

  #lineOf({ key }: PendingRecord): KeyQueue | null {
    if (this.#order === 'partition') return this.#only
    if (this.#order === 'none' || key === null) return null
    let line = this.#byKey.get(key)
    if (line === undefined) {
      line = new KeyQueue()
      this.#byKey.set(key, line)
    }
    return line
  }

  #promote(line: KeyQueue): void {
    const { first } = line
    if (line.running === 0 && first?.state === 'lined') this.#makeReady(first)
  }

  #makeReady(entry: PendingRecord): void {
    entry.state = 'ready'
    insertByOffset(this.#ready, entry)
  }

  #start(entry: PendingRecord): void {
    entry.state = 'running'
    if (entry.line !== null) entry.line.running += 1
  }

  /** Another one is first now. One that waits goes on waiting: it is not handed over meanwhile. */
  #stepBack(entry: PendingRecord): void {
    if (entry.state !== 'ready') return
    removeFrom(this.#ready, entry)
    entry.state = 'lined'
  }
}
