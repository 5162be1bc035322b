import type { BatchDamage, RecordBatch } from '../../broker/types.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { RecordQueue } from './record-queue.ts'

/** Consuming continues at another offset; nothing in between arrives. */
export interface Move {
  readonly to: number
  /** The new offset is below what came before: the offsets start again, as in a recreated topic. */
  readonly isBack: boolean
  /** Commit metadata from there on, for a recreated topic. Only with `isBack`. */
  readonly metadata?: string
}

/**
 * The batches of one partition in order, and the records of the opened batch. At most one batch is
 * open at a time. Moves are queued between the batches.
 */
export class BatchQueue {
  /** Follows the opened batch. */
  #items: Array<RecordBatch | Move> = []
  readonly #opened = new RecordQueue()
  /** When they came, milliseconds since the epoch. */
  readonly #cameAt = new WeakMap<RecordBatch, number>()
  #openedCameAt = 0
  #unopenedRecords = 0
  #unopenedBytes = 0
  /** Bytes of the buffer shared by the opened records, beyond their own sizes. */
  #excess = 0
  /** Damage of the opened batch. Its only record then stands for all of it. */
  #damage: BatchDamage | null = null
  /**
   * How many items at the front are already detached from their responses, and how many are due.
   */
  #detached = 0
  #old = 0

  /** Records, according to the batch headers. */
  get length(): number {
    return this.#unopenedRecords + this.#opened.length
  }

  get bytes(): number {
    return this.#unopenedBytes + this.#opened.bytes + this.#excess
  }

  get openedLength(): number {
    return this.#opened.length
  }

  get damage(): BatchDamage | null {
    return this.#damage
  }

  /** Only the opened batch is in the queue. */
  get isOpened(): boolean {
    return this.#items.length === 0
  }

  /** The next batch to open. */
  get front(): RecordBatch | undefined {
    const item = this.#items[0]
    return item === undefined || isMove(item) ? undefined : item
  }

  /** Timestamp of the next record, and when it came; milliseconds since the epoch. null: no record. */
  get next(): { readonly timestamp: number; readonly cameAt: number } | null {
    const opened = this.#opened.peek()
    if (opened !== undefined) return { timestamp: opened.timestamp, cameAt: this.#openedCameAt }
    const { front } = this
    if (front === undefined) return null
    const { firstTimestamp: timestamp } = front
    return { timestamp, cameAt: this.#cameAt.get(front) ?? timestamp }
  }

  /** @param cameAt milliseconds since the epoch */
  push(batch: RecordBatch, cameAt: number): void {
    this.#cameAt.set(batch, cameAt)
    this.#items.push(batch)
    this.#unopenedRecords += recordsOf(batch)
    this.#unopenedBytes += batch.bytes
  }

  /** Appends a move. Only if a batch is queued; otherwise the move applies at once. */
  pushMove(move: Move): void {
    const last = this.#items.at(-1)
    const follows = last !== undefined && isMove(last) && !last.isBack && !move.isBack
    if (follows) this.#items[this.#items.length - 1] = move
    else this.#items.push(move)
  }

  /** Removes and returns a move at the front. */
  shiftMove(): Move | undefined {
    const item = this.#items[0]
    if (item === undefined || !isMove(item)) return undefined
    this.#shiftItem()
    return item
  }

  /**
   * Drops everything before the first move back to `offset` or below, if there is one. What it
   * drops belongs to a log that no longer exists.
   */
  dropBeforeMoveTo(offset: number): boolean {
    const index = this.#items.findIndex((item) => isMove(item) && item.isBack && item.to <= offset)
    if (index < 0) return false
    for (let count = 0; count < index; count++) {
      const item = this.#items[0]
      if (item !== undefined && !isMove(item)) this.#forget(item)
      this.#shiftItem()
    }
    return true
  }

  /** Replaces the front batch by its records. Only when all opened records are taken. */
  open(records: readonly KafkaRecord[], damage: BatchDamage | null): void {
    const batch = this.front
    if (batch === undefined) return
    this.#shiftItem()
    this.#forget(batch)
    this.#openedCameAt = this.#cameAt.get(batch) ?? 0
    for (const record of records) this.#opened.push(record)
    const isEmpty = this.#opened.length === 0
    this.#excess = isEmpty ? 0 : Math.max(0, batch.bytes - this.#opened.bytes)
    this.#damage = damage
  }

  /** Takes the front batch whole. Only when all opened records are taken. */
  shiftBatch(): void {
    const batch = this.front
    if (batch === undefined) return
    this.#shiftItem()
    this.#forget(batch)
    // For what is put back of it.
    this.#openedCameAt = this.#cameAt.get(batch) ?? 0
  }

  /** Puts back records of a whole batch that were not begun, after the opened ones. */
  putBack(records: readonly KafkaRecord[], batchBytes: number): void {
    const before = this.#opened.bytes
    for (const record of records) this.#opened.push(record)
    this.#excess += Math.max(0, batchBytes - (this.#opened.bytes - before))
    this.#damage = null
  }

  /** The next record of the opened batch. */
  peek(): KafkaRecord | undefined {
    return this.#opened.peek()
  }

  shift(): KafkaRecord | undefined {
    const record = this.#opened.shift()
    if (this.#opened.length === 0) this.#excess = 0
    return record
  }

  clear(): void {
    this.dropFrom(0)
  }

  /** Drops unopened batches, and opened records at or above `offset`; returns the latter. */
  dropFrom(offset: number): readonly KafkaRecord[] {
    const dropped = this.#opened.dropFrom(offset)
    this.#items = []
    this.#unopenedRecords = 0
    this.#unopenedBytes = 0
    if (this.#opened.length === 0) this.#excess = 0
    this.#detached = 0
    this.#old = 0
    return dropped
  }

  /** See RecordQueue.detachOld: what stays for long is detached from its fetch response. */
  detachOld(): void {
    this.#opened.detachOld()
    for (const item of this.#items.slice(this.#detached, this.#old)) {
      if (!isMove(item)) item.detach()
    }
    this.#detached = this.#old
    this.#old = this.#items.length
  }

  #forget(batch: RecordBatch): void {
    this.#unopenedRecords -= recordsOf(batch)
    this.#unopenedBytes -= batch.bytes
  }

  #shiftItem(): void {
    this.#items.shift()
    if (this.#detached > 0) this.#detached -= 1
    if (this.#old > 0) this.#old -= 1
  }
}

function isMove(item: RecordBatch | Move): item is Move {
  return 'isBack' in item
}

/** A damaged batch counts as one record: the dead letter it becomes. */
function recordsOf({ count, damage }: RecordBatch): number {
  return damage === null ? count : 1
}
