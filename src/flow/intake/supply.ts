import type {
  BatchDamage,
  MemberControl,
  PartitionProblem,
  RecordBatch,
} from '../../broker/types.ts'
import type { ArrivedBatch } from '../../commit/offset-tracker.ts'
import { type OccError, toOccError } from '../../kernel/errors.ts'
import { type KafkaRecord, partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { WholeBatch } from '../lane/in-flight-window.ts'
import type { PartitionEnd } from '../lane/partition-end.ts'
import type { Progress } from '../lane/progress.ts'
import type { Memory, MemoryUser } from '../memory.ts'
import type { FlowParts } from '../types.ts'
import { BatchQueue, type Move } from './batch-queue.ts'

export interface SupplyParts {
  readonly lane: TopicPartition & MemoryUser
  readonly parts: Pick<FlowParts, 'clock' | 'log' | 'meters'>
  readonly control: Pick<MemberControl, 'unreadable'>
  readonly progress: Progress
  readonly end: PartitionEnd
  readonly memory: Memory
  /** The bytes held changed for another reason than taking a record. */
  changed(): void
}

/**
 * The records of one partition in order. Batches are queued as they came and opened one at a time,
 * when their first record is needed. Unopened batches do not count as arrived, so a commit cannot
 * pass them.
 */
export class Supply {
  readonly #parts: SupplyParts
  readonly #queue = new BatchQueue()
  /** The problem of a batch that did not follow the one before it; null: none. */
  #gap: PartitionProblem | null = null

  constructor(parts: SupplyParts) {
    this.#parts = parts
  }

  /** Records, according to the batch headers. */
  get length(): number {
    return this.#queue.length
  }

  get bytes(): number {
    return this.#queue.bytes
  }

  /** Opened records that are not taken. */
  get opened(): number {
    return this.#queue.openedLength
  }

  /** Memory allows taking a record now. */
  get isReady(): boolean {
    const { memory, lane } = this.#parts
    return this.#queue.openedLength > 0 || (this.#queue.length > 0 && memory.admits(lane))
  }

  /** Damage of the batch the last record came from. The record then stands for all of it. */
  get damage(): BatchDamage | null {
    return this.#queue.damage
  }

  /** As `BatchQueue.next`. */
  get next(): BatchQueue['next'] {
    return this.#queue.next
  }

  get gap(): PartitionProblem | null {
    return this.#gap
  }

  /** False: the batch does not follow what came before, and is refused. */
  accept(batch: RecordBatch): boolean {
    const { end, memory, parts } = this.#parts
    if (batch.from !== end.position) {
      this.#refuse(batch, end.position)
      return false
    }
    this.#gap = null
    end.fetched(batch.nextOffset, batch.endOffset)
    if (batch.count === 0 && batch.damage === null) {
      this.#move({ to: batch.nextOffset, isBack: false })
    } else {
      this.#queue.push(batch, parts.clock.now())
      memory.take(batch.bytes)
    }
    return true
  }

  /**
   * Consuming continues at `offset`, and where that is no later than before, nothing from there on
   * is finished. Takes effect once everything before it is opened.
   */
  moved(offset: number, metadata?: string): void {
    const { end } = this.#parts
    // A recreated topic starts again even if nothing of the old one was read.
    const isBack = offset <= end.position || metadata !== undefined
    this.#gap = null
    end.moveTo(offset)
    this.#move({ to: offset, isBack, ...(metadata !== undefined && { metadata }) })
  }

  /** The record that `shift` would take. */
  peek(): KafkaRecord | undefined {
    const queue = this.#queue
    if (queue.openedLength === 0) this.#open()
    return queue.peek()
  }

  /** The next record. Opens the next batch if necessary. undefined: there is none. */
  shift(): KafkaRecord | undefined {
    const queue = this.#queue
    if (queue.openedLength === 0) this.#open()
    const before = queue.bytes
    const record = queue.shift()
    this.#parts.memory.giveBack(before - queue.bytes)
    return record
  }

  /** The next batch, if another thread can open it and no opened record is left. */
  get whole(): RecordBatch | null {
    const { front, openedLength } = this.#queue
    const isWhole = openedLength === 0 && front?.raw !== undefined && front.damage === null
    return isWhole ? front : null
  }

  /** Takes the front batch whole. */
  shiftWhole(batch: RecordBatch): ArrivedBatch {
    const { progress, memory } = this.#parts
    const arrived = progress.arrivedWhole(batch)
    this.#queue.shiftBatch()
    memory.giveBack(batch.bytes)
    this.#applyMoves()
    return arrived
  }

  /** The records of a batch that was taken whole. null: it cannot be read, and is fetched again. */
  read({ batch, arrived }: WholeBatch): readonly KafkaRecord[] | null {
    return this.#recordsOf(batch, arrived)
  }

  giveUpWhole({ batch, arrived }: WholeBatch, error: OccError): void {
    this.#giveUp(batch, error, arrived)
  }

  /** Puts back records of a whole batch that were not begun, after the opened ones. */
  putBack(records: readonly KafkaRecord[], batchBytes: number): void {
    if (records.length === 0) return
    const { lane, memory, changed } = this.#parts
    const before = this.#queue.bytes
    memory.opening(lane)
    this.#queue.putBack(records, batchBytes)
    memory.take(this.#queue.bytes - before)
    changed()
  }

  detachOld(): void {
    this.#queue.detachOld()
  }

  clear(): void {
    const { bytes } = this.#queue
    this.#queue.clear()
    this.#parts.memory.giveBack(bytes)
  }

  #open(): void {
    const { lane, memory, progress, changed } = this.#parts
    const queue = this.#queue
    const batch = queue.front
    if (batch === undefined) return
    const records = this.#recordsOf(batch)
    if (records === null) return
    memory.opening(lane)
    progress.arrived(records, batch.nextOffset)
    const before = queue.bytes
    queue.open(records, batch.damage)
    const grown = queue.bytes - before
    if (grown > 0) memory.take(grown)
    else memory.giveBack(-grown)
    this.#applyMoves()
    changed()
  }

  /** null: the batch cannot be read, and is fetched again. */
  #recordsOf(batch: RecordBatch, arrived?: ArrivedBatch): readonly KafkaRecord[] | null {
    try {
      return batch.damage === null ? batch.read() : [this.#letterOf(batch, batch.damage)]
    } catch (problem) {
      this.#giveUp(batch, toOccError(problem, 'OCC_BATCH_CORRUPT'), arrived)
      return null
    }
  }

  /** The batch and everything after it are fetched again. */
  #giveUp(batch: RecordBatch, error: OccError, arrived?: ArrivedBatch): void {
    const { parts, control, end, memory, progress, changed } = this.#parts
    const queue = this.#queue
    const before = queue.bytes
    parts.meters.countError('flow', error.code)
    const isGone = arrived?.isStale === true
    if (isGone || queue.dropBeforeMoveTo(batch.from)) {
      // The topic was recreated since, so the batch is gone, and what follows is the new topic's.
      memory.giveBack(before - queue.bytes)
      const { topic, partition, from } = batch
      parts.log.error(
        { event: 'batch.gone', topic, partition, from, code: error.code },
        `${error.message} The batch cannot be fetched again, because its topic has been recreated.`,
      )
      this.#applyMoves()
    } else {
      const dropped = queue.dropFrom(batch.from)
      memory.giveBack(before - queue.bytes)
      // As if neither it nor anything after it had arrived.
      if (arrived !== undefined) progress.goBack(batch.from, dropped)
      end.goBackTo(batch.from)
      control.unreadable(batch, error)
    }
    changed()
  }

  /** A damaged batch becomes one dead letter. */
  #letterOf({ topic, partition, from }: RecordBatch, { firstOffset, raw }: BatchDamage) {
    return {
      topic,
      partition,
      offset: Math.max(from, firstOffset),
      timestamp: this.#parts.parts.clock.now(),
      key: null,
      value: raw,
      headers: {},
    }
  }

  /** A move takes effect in order: at once if no batch waits before it. */
  #move(move: Move): void {
    if (this.#queue.isOpened) this.#apply(move)
    else this.#queue.pushMove(move)
  }

  #applyMoves(): void {
    const queue = this.#queue
    for (let move = queue.shiftMove(); move !== undefined; move = queue.shiftMove()) {
      this.#apply(move)
    }
  }

  #apply({ to, isBack, metadata }: Move): void {
    const { progress } = this.#parts
    if (isBack) progress.restart(to)
    else progress.advance(to)
    if (metadata !== undefined) progress.beginTopic(metadata)
  }

  /** Logged once for each gap, because later batches do not follow either. */
  #refuse(batch: RecordBatch, expected: number): void {
    const { clock, log, meters } = this.#parts.parts
    const code = 'OCC_BATCH_GAP'
    meters.countError('flow', code)
    if (this.#gap !== null) return
    const { topic, partition, from } = batch
    const message =
      `A batch of ${partitionName(batch)} begins at offset ${from}, but ${expected} is expected. It is refused, ` +
      'as is everything after it, until the expected offset is fetched: no record is skipped. This is a bug in the consumer. Restart it.'
    log.error({ event: 'batch.refused', topic, partition, from, expected, code }, message)
    this.#gap = { reason: 'offset', message, since: clock.now(), damage: null }
  }
}
