import type { RecordOrder } from '../types.ts'
import { insertByOffset, KeyQueue, removeFrom } from './key-queue.ts'
import type { PendingRecord } from './pending-record.ts'

type Queue = KeyQueue<PendingRecord>
type Keyed = Pick<PendingRecord, 'key'>

/**
 * The pending records of one partition, and which of them may be handed over. With order
 * `partition` they share one queue, with `key` there is one queue for each key, and with `none` (or
 * without a key) they are in no queue.
 */
export class KeyQueues {
  readonly #order: RecordOrder
  readonly #only: Queue = new KeyQueue()
  readonly #byKey = new Map<string, Queue>()
  /** Ascending by offset. */
  readonly #ready: PendingRecord[] = []
  #size = 0

  constructor(order: RecordOrder) {
    this.#order = order
  }

  /** How many records may be handed over one by one. */
  get ready(): number {
    return this.#ready.length
  }

  /** Nothing here blocks a record that arrives now. */
  get free(): boolean {
    return this.#size === 0 || this.#order === 'none'
  }

  /** True if an added record may become part of the next slice. */
  get open(): boolean {
    const first = this.#only.first
    return first === undefined || first.state === 'ready'
  }

  /** Maximum records the next slice could have. */
  get available(): number {
    if (this.#order !== 'partition') return this.#ready.length
    return this.#ready.length === 0 ? 0 : this.#only.entries.length
  }

  /** True if the two must keep their order. */
  areBound(one: Keyed, other: Keyed): boolean {
    if (this.#order === 'partition') return true
    return this.#order === 'key' && one.key !== null && one.key === other.key
  }

  /** Adds a new record, or one that returns, in its place by offset. */
  add(entry: PendingRecord): void {
    this.#size += 1
    entry.state = 'queued'
    const queue = this.#queueOf(entry)
    entry.queue = queue
    if (queue === null) {
      this.#makeReady(entry)
      return
    }
    const before = queue.first
    queue.insert(entry)
    if (before !== undefined && queue.first === entry) this.#stepBack(before)
    this.#promote(queue)
  }

  /** Records that must not swap with this one, and come before it. */
  before({ queue, offset }: PendingRecord): PendingRecord[] {
    // As for nearly every record.
    if (queue === null || queue.first?.offset === offset) return []
    return queue.entries.filter((one) => one.offset < offset)
  }

  /** Adds a record that was handed over at once, because nothing blocked it. */
  addRunning(entry: PendingRecord): void {
    this.#size += 1
    const queue = this.#queueOf(entry)
    entry.queue = queue
    queue?.insert(entry)
    this.#start(entry)
  }

  next(): PendingRecord | undefined {
    const entry = this.#ready.shift()
    if (entry !== undefined) this.#start(entry)
    return entry
  }

  /** The ready record with the lowest or highest offset, of those that are not `excluded`. */
  pick(
    which: 'first' | 'last',
    excluded: ((entry: PendingRecord) => boolean) | null,
  ): PendingRecord | undefined {
    const mayBe = (entry: PendingRecord) => excluded === null || !excluded(entry)
    const entry = which === 'first' ? this.#ready.find(mayBe) : this.#ready.findLast(mayBe)
    if (entry === undefined) return undefined
    removeFrom(this.#ready, entry)
    this.#start(entry)
    return entry
  }

  /**
   * The records of the next slice, at most `max`: consecutive ones of one queue, or records that
   * are not bound to each other.
   */
  nextSlice(max: number): PendingRecord[] {
    const first = this.next()
    if (first === undefined) return []
    const entries = [first]
    if (this.#order === 'partition') {
      for (const entry of this.#only.entries.slice(1, max)) {
        // A record that waits for its next attempt keeps waiting, and so does everything behind it.
        if (entry.state !== 'queued') break
        this.#start(entry)
        entries.push(entry)
      }
    } else {
      while (entries.length < max) {
        const entry = this.next()
        if (entry === undefined) break
        entries.push(entry)
      }
    }
    return entries
  }

  /** The attempt is over; `back`, `wait` or `remove` follows. */
  ended(entry: PendingRecord): void {
    if (entry.queue !== null) entry.queue.running -= 1
  }

  /** The record may be tried again as soon as it is its turn. */
  back(entry: PendingRecord): void {
    entry.state = 'queued'
    if (entry.queue === null) this.#makeReady(entry)
    else this.#promote(entry.queue)
  }

  /**
   * The record blocks its queue until `back` is called. False: others came ahead of it meanwhile,
   * so it waits for them instead of a timer.
   */
  wait(entry: PendingRecord): boolean {
    if (entry.queue === null || entry.queue.first === entry) {
      entry.state = 'waiting'
      return true
    }
    this.back(entry)
    return false
  }

  remove(entry: PendingRecord): void {
    const { queue } = entry
    this.#size -= 1
    if (entry.state === 'ready') removeFrom(this.#ready, entry)
    entry.queue = null
    if (queue === null) return
    removeFrom(queue.entries, entry)
    if (queue.entries.length > 0) this.#promote(queue)
    else if (entry.key !== null && queue !== this.#only) this.#byKey.delete(entry.key)
  }

  #queueOf({ key }: PendingRecord): Queue | null {
    if (this.#order === 'partition') return this.#only
    if (this.#order === 'none' || key === null) return null
    let queue = this.#byKey.get(key)
    if (queue === undefined) {
      queue = new KeyQueue()
      this.#byKey.set(key, queue)
    }
    return queue
  }

  #promote(queue: Queue): void {
    const { first } = queue
    if (queue.running === 0 && first?.state === 'queued') this.#makeReady(first)
  }

  #makeReady(entry: PendingRecord): void {
    entry.state = 'ready'
    insertByOffset(this.#ready, entry)
  }

  #start(entry: PendingRecord): void {
    entry.state = 'running'
    if (entry.queue !== null) entry.queue.running += 1
  }

  /** Another record is first now. A waiting one keeps waiting; it is not handed over meanwhile. */
  #stepBack(entry: PendingRecord): void {
    if (entry.state !== 'ready') return
    removeFrom(this.#ready, entry)
    entry.state = 'queued'
  }
}
