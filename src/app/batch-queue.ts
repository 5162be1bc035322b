import type { LogListener, LogPart } from '../broker/reading/log-reader.ts'
import type { LostRange, RecordBatch } from '../broker/types.ts'
import type { OccError } from '../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'

/** Bytes of all batches that wait to be read, and the least share of a partition in them. */
const MAX_BYTES = 8 * 1024 * 1024
const MIN_SHARE = 64 * 1024

interface Part extends TopicPartition {
  /** The offset that the next batch begins at. */
  next: number
  /** null: there is no end. */
  readonly to: number | null
  bytes: number
  /** It ended before its end. */
  isEnded: boolean
}

/** What is said of a partition between its batches. */
export type PartItem =
  /** Retention deleted these before they were read. */
  | { readonly kind: 'lost'; readonly range: LostRange }
  /** Nothing more comes of the partition, though the end of its part was not reached. */
  | { readonly kind: 'ended'; readonly part: TopicPartition; readonly why: OccError }

type Queued = { readonly batch: RecordBatch } | PartItem

/** Batches on their way from the reader to whoever reads them, as many as there is room for. */
export class BatchQueue {
  readonly #parts: ReadonlyMap<string, Part>
  readonly #share: number
  readonly listener: LogListener
  #queue: Queued[] = []
  /** Of all that wait. */
  #bytes = 0
  /** Partitions were left out, though their own share is not used up. */
  #isFull = false
  #head = 0
  #open: number
  #error: unknown
  #filled = Promise.withResolvers<void>()

  constructor(parts: readonly LogPart[]) {
    this.#parts = new Map(
      parts.map(({ topic, partition, from, to }) => {
        const state = { topic, partition, next: from, to, bytes: 0, isEnded: false }
        return [partitionName({ topic, partition }), state]
      }),
    )
    this.#open = [...this.#parts.values()].filter(isOpen).length
    this.#share = Math.max(MIN_SHARE, Math.floor(MAX_BYTES / Math.max(1, this.#open)))
    this.listener = {
      assigned() {},
      async revoking() {},
      lost() {},
      rebalanced() {},
      batch: (batch) => this.#accept(batch),
      moved: (partition, offset) => this.#moved(partition, offset),
      room: (partition) => this.#room(this.#part(partition)?.bytes ?? 0),
      endOffset() {},
      problem() {},
      recordsLost: (range) => this.#add({ kind: 'lost', range }),
      recordsCut() {},
      ended: (part, _, why) => this.#ended(part, why),
      fetched() {},
      throttled() {},
      fetchFailed() {},
      failed() {},
    }
  }

  /** Everything was taken. */
  get isOver(): boolean {
    return this.#open === 0 && this.#head === this.#queue.length
  }

  /** @throws the error of `fail` */
  async filled(): Promise<void> {
    await this.#filled.promise
    this.#filled = Promise.withResolvers<void>()
    if (this.#error !== undefined) throw this.#error
  }

  wake(): void {
    this.#filled.resolve()
  }

  fail(error: unknown): void {
    this.#error = error
    this.wake()
  }

  take(): Queued | null {
    const next = this.#queue[this.#head]
    if (next === undefined) return null
    this.#head += 1
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    }
    if ('batch' in next) {
      const part = this.#part(next.batch)
      if (part !== undefined) this.#addBytes(part, -next.batch.bytes)
    }
    return next
  }

  /** A batch of the partition was taken: those that have room again. */
  resumable(partition: TopicPartition): Iterable<TopicPartition> {
    if (this.#isFull && this.#bytes <= MAX_BYTES / 2) {
      this.#isFull = false
      return this.#parts.values()
    }
    const bytes = this.#part(partition)?.bytes ?? 0
    return bytes < this.#share / 2 ? [partition] : []
  }

  /** The batch is fetched again: what followed it is void. */
  again(batch: RecordBatch): void {
    const part = this.#part(batch)
    if (part === undefined) return
    const { topic, partition } = part
    const isOther = (each: Queued) =>
      !('batch' in each) || each.batch.topic !== topic || each.batch.partition !== partition
    this.#queue = this.#queue.slice(this.#head).filter(isOther)
    this.#head = 0
    this.#addBytes(part, -part.bytes)
    this.#change(part, { next: batch.from })
  }

  #part(partition: TopicPartition): Part | undefined {
    return this.#parts.get(partitionName(partition))
  }

  /** A batch may be far larger than a share, so the shares alone would limit nothing. */
  #room(used: number): number {
    if (this.#bytes < MAX_BYTES) return Math.max(0, this.#share - used)
    this.#isFull = true
    return 0
  }

  #addBytes(part: Part, bytes: number): void {
    part.bytes += bytes
    this.#bytes += bytes
  }

  #accept(batch: RecordBatch): void {
    const part = this.#part(batch)
    if (part === undefined || batch.from !== part.next) return
    this.#addBytes(part, batch.bytes)
    this.#add({ batch })
    this.#change(part, { next: batch.nextOffset })
  }

  #moved(partition: TopicPartition, offset: number): void {
    const part = this.#part(partition)
    if (part !== undefined) this.#change(part, { next: offset })
  }

  #ended(partition: TopicPartition, why: OccError): void {
    const part = this.#part(partition)
    if (part === undefined) return
    this.#add({ kind: 'ended', part: partition, why })
    this.#change(part, { isEnded: true })
  }

  #change(part: Part, change: Partial<Pick<Part, 'next' | 'isEnded'>>): void {
    const before = Number(isOpen(part))
    Object.assign(part, change)
    this.#open += Number(isOpen(part)) - before
    if (this.#open === 0) this.wake()
  }

  #add(queued: Queued): void {
    this.#queue.push(queued)
    this.wake()
  }
}

function isOpen({ to, next, isEnded }: Part): boolean {
  return !isEnded && (to === null || next < to)
}
