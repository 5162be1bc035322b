import { setImmediate as nextTurn } from 'node:timers/promises'
import { createLogReader, type LogListener, type LogPart } from '../broker/reading/log-reader.ts'
import type { BatchDamage, LostRange, OffsetRange, RecordBatch } from '../broker/types.ts'
import type { Config } from '../config/types.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import { type OccError, toOccError } from '../kernel/errors.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import { type KafkaRecord, partitionName, type TopicPartition } from '../kernel/shapes/record.ts'
import { systemClock } from '../kernel/time/clock.ts'
import { brokerOptions, memberOptions } from './room-options.ts'

export type LogItem =
  | { readonly kind: 'records'; readonly records: readonly KafkaRecord[] }
  /** Retention deleted these before they were read. */
  | { readonly kind: 'lost'; readonly range: LostRange }
  /** A batch that stays unreadable. */
  | { readonly kind: 'damaged'; readonly range: LostRange; readonly damage: BatchDamage }
  /** Nothing more comes of the partition, though the end of its part was not reached. */
  | { readonly kind: 'ended'; readonly part: TopicPartition; readonly why: OccError }
  /** Everything that was fetched so far was handed over. */
  | { readonly kind: 'waiting' }

export interface LogStreamParts {
  readonly log: Log
  readonly signal: AbortSignal
  /** The records of an item are not used once the next one is asked for: their memory is freed. */
  readonly borrows?: boolean
}

/** Bytes of all batches that wait to be read. */
const MAX_BYTES = 8 * 1024 * 1024
/** Of one answer of a broker. */
const MAX_ANSWER = 4 * 1024 * 1024
const MIN_SHARE = 64 * 1024
/** Milliseconds after which fetches get their turn. */
const TURN = 10

/**
 * The records of parts of partitions, in the order of each partition; between partitions there is
 * no order. Ends when all parts were read, or the signal aborts. At most 8 MB, or 64 KiB for each
 * partition, wait to be read.
 */
export async function* readLog(
  config: Config,
  parts: readonly LogPart[],
  { log, signal, borrows = false }: LogStreamParts,
): AsyncGenerator<LogItem> {
  const queue = new BatchQueue(parts)
  const { fetch, ...ofMember } = memberOptions(config, 0)
  const options = {
    ...{ ...ofMember, name: 'read', corruptBatches: 'keep' as const },
    fetch: { ...fetch, maxBytes: Math.min(fetch.maxBytes, MAX_ANSWER) },
  }
  const reader = createLogReader(brokerOptions(config), options, parts, queue.listener, {
    clock: systemClock,
    log,
    lz4: lz4Codec,
  })
  reader.failed.catch((error) => queue.fail(error))
  const stop = () => queue.wake()
  signal.addEventListener('abort', stop)
  try {
    await reader.start()
    let turn = performance.now()
    while (!signal.aborted && !queue.isOver) {
      const next = queue.take()
      if (next === null) {
        yield { kind: 'waiting' }
        await queue.filled()
        continue
      }
      if ('kind' in next) {
        yield next
        continue
      }
      const item = itemOf(next.batch, borrows, (error) => {
        queue.again(next.batch)
        reader.unreadable(next.batch, toOccError(error, 'OCC_BATCH_CORRUPT'))
      })
      if (queue.hasRoom(next.batch)) reader.resume(next.batch)
      if (item !== null) yield item
      if (borrows && item?.kind === 'records') next.batch.free?.()
      if (performance.now() - turn < TURN) continue
      await nextTurn()
      turn = performance.now()
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await reader.stop()
  }
}

/** Says nothing: what is wrong with a partition is said where it is consumed. */
export function readQuietly(config: Config) {
  return (parts: readonly LogPart[], signal: AbortSignal) =>
    readLog(config, parts, { log: silentLog, signal, borrows: true })
}

function itemOf(
  batch: RecordBatch,
  borrows: boolean,
  unreadable: (error: unknown) => void,
): LogItem | null {
  const { topic, partition, from, nextOffset: to, damage } = batch
  if (damage !== null) return { kind: 'damaged', range: { topic, partition, from, to }, damage }
  if (batch.count === 0) return null
  try {
    const records = borrows ? (batch.borrow?.() ?? batch.read()) : batch.read()
    return { kind: 'records', records }
  } catch (error) {
    unreadable(error)
    return null
  }
}

interface Part extends TopicPartition {
  /** The offset that the next batch begins at. */
  next: number
  /** null: there is no end. */
  readonly to: number | null
  bytes: number
  /** It ended before its end. */
  isEnded: boolean
}

type Queued = { readonly batch: RecordBatch } | Extract<LogItem, { kind: 'lost' | 'ended' }>

/** Batches on their way from the reader to whoever reads them, as many as there is room for. */
class BatchQueue {
  readonly #parts: ReadonlyMap<string, Part>
  readonly #share: number
  readonly listener: LogListener
  #queue: Queued[] = []
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
    this.#open = parts.filter(({ from, to }) => to === null || from < to).length
    this.#share = Math.max(MIN_SHARE, Math.floor(MAX_BYTES / Math.max(1, this.#open)))
    this.listener = {
      assigned() {},
      async revoking() {},
      lost() {},
      rebalanced() {},
      batch: (batch) => this.#accept(batch),
      moved: (partition, offset) => this.#moved(partition, offset),
      room: (partition) => Math.max(0, this.#share - (this.#part(partition)?.bytes ?? 0)),
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
      if (part !== undefined) part.bytes -= next.batch.bytes
    }
    return next
  }

  hasRoom(partition: TopicPartition): boolean {
    const bytes = this.#part(partition)?.bytes ?? 0
    return bytes < this.#share / 2
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
    part.bytes = 0
    if (!part.isEnded && part.to !== null && part.next >= part.to) this.#open += 1
    part.next = batch.from
  }

  #part(partition: TopicPartition): Part | undefined {
    return this.#parts.get(partitionName(partition))
  }

  #accept(batch: RecordBatch): void {
    const part = this.#part(batch)
    if (part === undefined || batch.from !== part.next) return
    part.bytes += batch.bytes
    this.#add({ batch })
    this.#advance(part, batch.nextOffset)
  }

  #moved(partition: TopicPartition, offset: number): void {
    const part = this.#part(partition)
    if (part !== undefined) this.#advance(part, offset)
  }

  #advance(part: Part, next: number): void {
    const wasOpen = isOpen(part)
    part.next = next
    if (wasOpen && !isOpen(part)) this.#close()
  }

  #ended(partition: TopicPartition, why: OccError): void {
    const part = this.#part(partition)
    if (part === undefined) return
    this.#add({ kind: 'ended', part: partition, why })
    const wasOpen = isOpen(part)
    part.isEnded = true
    if (wasOpen) this.#close()
  }

  #close(): void {
    this.#open -= 1
    this.wake()
  }

  #add(queued: Queued): void {
    this.#queue.push(queued)
    this.wake()
  }
}

function isOpen({ to, next, isEnded }: Part): boolean {
  return !isEnded && (to === null || next < to)
}

/** For people: `offsets 3 to 7`. */
export function rangeText({ from, to }: OffsetRange): string {
  return to - from === 1 ? `offset ${from}` : `offsets ${from} to ${to - 1}`
}
