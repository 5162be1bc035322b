import type { BatchDamage, RecordBatch } from '../../broker/types.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import { RecordQueue } from './record-queue.ts'

/** Consuming goes on at another offset: nothing in between comes. */
export interface Move {
  readonly to: number
  /** Below what came before: the offsets begin again, those of a topic made anew. */
  readonly isBack: boolean
  /** Goes with the commits from there on, of a topic made anew. Only where `isBack`. */
  readonly metadata?: string
}

/**
 * The batches of one partition in their order, and the records of the one that is taken apart: no
 * more than one is at a time. Moves stand between the batches.
 */
export class BatchQueue {
  /** Behind the opened batch. */
  #items: Array<RecordBatch | Move> = []
  readonly #opened = new RecordQueue()
  #unopenedRecords = 0
  #unopenedBytes = 0
  /** What the buffer that the opened records share has beyond their own sizes. */
  #excess = 0
  /** Of the opened batch; its only record stands for all of it then. */
  #damage: BatchDamage | null = null
  /** How many items at the front let go of their responses already, and how many are due. */
  #detached = 0
  #old = 0

  /** Records, as far as the batches' headers tell. */
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

  /** Nothing but the opened batch is here. */
  get isOpened(): boolean {
    return this.#items.length === 0
  }

  /** The next batch to be opened. */
  get front(): RecordBatch | undefined {
    const item = this.#items[0]
    return item === undefined || isMove(item) ? undefined : item
  }

  /** Of the next record, milliseconds since the epoch; null: there is none. */
  get nextTimestamp(): number | null {
    return this.#opened.peek()?.timestamp ?? this.front?.firstTimestamp ?? null
  }

  push(batch: RecordBatch): void {
    this.#items.push(batch)
    this.#unopenedRecords += recordsOf(batch)
    this.#unopenedBytes += batch.bytes
  }

  /** Behind all that is here. Only where a batch is: else it counts at once. */
  pushMove(move: Move): void {
    const last = this.#items.at(-1)
    const follows = last !== undefined && isMove(last) && !last.isBack && !move.isBack
    if (follows) this.#items[this.#items.length - 1] = move
    else this.#items.push(move)
  }

  /** The move that stands at the front. */
  shiftMove(): Move | undefined {
    const item = this.#items[0]
    if (item === undefined || !isMove(item)) return undefined
    this.#shiftItem()
    return item
  }

  /**
   * Drops what stands before the first move back to `offset` or below, if there is one: it is of a
   * log that is gone.
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

  /** Puts the front batch's records in its place. Only where all opened ones are taken. */
  open(records: readonly KafkaRecord[], damage: BatchDamage | null): void {
    const batch = this.front
    if (batch === undefined) return
    this.#shiftItem()
    this.#forget(batch)
    for (const record of records) this.#opened.push(record)
    const isEmpty = this.#opened.length === 0
    this.#excess = isEmpty ? 0 : Math.max(0, batch.bytes - this.#opened.bytes)
    this.#damage = damage
  }

  /** Takes the front batch as it is. Only where all opened records are taken. */
  shiftBatch(): void {
    const batch = this.front
    if (batch === undefined) return
    this.#shiftItem()
    this.#forget(batch)
  }

  /** Records that were taken with their batch, of which nobody has had them: behind the opened ones. */
  putBack(records: readonly KafkaRecord[], batchBytes: number): void {
    const before = this.#opened.bytes
    for (const record of records) this.#opened.push(record)
    this.#excess += Math.max(0, batchBytes - (this.#opened.bytes - before))
    this.#damage = null
  }

  /** Of the opened batch. */
  shift(): KafkaRecord | undefined {
    const record = this.#opened.shift()
    if (this.#opened.length === 0) this.#excess = 0
    return record
  }

  clear(): void {
    this.dropFrom(0)
  }

  /** Drops the unopened, and opened records at or above `offset`: says which of these. */
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

  /** See RecordQueue.detachOld: what stays for long lets go of the response that it came with. */
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

/** A damaged batch is one record: the dead letter that it becomes. */
function recordsOf({ count, damage }: RecordBatch): number {
  return damage === null ? count : 1
}
