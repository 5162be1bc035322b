import type {
  BatchDamage,
  MemberControl,
  PartitionProblem,
  RecordBatch,
} from '../../broker/types.ts'
import type { ArrivedBatch } from '../../commit/offset-tracker.ts'
import { type OccError, toOccError } from '../../kernel/errors.ts'
import { type KafkaRecord, partitionName, type TopicPartition } from '../../kernel/record.ts'
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
  /** It holds more, or less, by something else than that a record was taken. */
  changed(): void
}

/**
 * The records of one partition, in their order. Batches wait as they came and are taken apart one
 * at a time, when their first record is needed: of those that wait nothing counts as arrived, so
 * that what is committed cannot pass them.
 */
export class Supply {
  readonly #parts: SupplyParts
  readonly #queue = new BatchQueue()
  /** Of the batch that did not follow the one before it; null: all do. */
  #gap: PartitionProblem | null = null

  constructor(parts: SupplyParts) {
    this.#parts = parts
  }

  /** Records, as far as the batches' headers tell. */
  get length(): number {
    return this.#queue.length
  }

  get bytes(): number {
    return this.#queue.bytes
  }

  /** Records that are taken apart and not taken. */
  get opened(): number {
    return this.#queue.openedLength
  }

  /** A record may be taken now, as far as the memory goes. */
  get isReady(): boolean {
    const { memory, lane } = this.#parts
    return this.#queue.openedLength > 0 || (this.#queue.length > 0 && memory.admits(lane))
  }

  /** Of the batch that the last record came from: the record stands for all of it then. */
  get damage(): BatchDamage | null {
    return this.#queue.damage
  }

  get nextTimestamp(): number | null {
    return this.#queue.nextTimestamp
  }

  get gap(): PartitionProblem | null {
    return this.#gap
  }

  /** False: it does not follow what came before, and so is refused. */
  accept(batch: RecordBatch): boolean {
    const { end, memory } = this.#parts
    if (batch.from !== end.position) {
      this.#refuse(batch, end.position)
      return false
    }
    this.#gap = null
    end.fetched(batch.nextOffset, batch.endOffset)
    if (batch.count === 0 && batch.damage === null) {
      this.#move({ to: batch.nextOffset, isBack: false })
    } else {
      this.#queue.push(batch)
      memory.take(batch.bytes)
    }
    return true
  }

  /** Consuming goes on at `offset`: once what came before is opened, as if it had all arrived. */
  moved(offset: number, metadata?: string): void {
    const { end } = this.#parts
    // A topic made anew begins again also where nothing of the one before was read.
    const isBack = offset < end.position || metadata !== undefined
    this.#gap = null
    end.moveTo(offset)
    this.#move({ to: offset, isBack, ...(metadata !== undefined && { metadata }) })
  }

  /** The next record; takes the next batch apart where it has to. undefined: there is none. */
  shift(): KafkaRecord | undefined {
    const queue = this.#queue
    if (queue.openedLength === 0) this.#open()
    const before = queue.bytes
    const record = queue.shift()
    this.#parts.memory.giveBack(before - queue.bytes)
    return record
  }

  /** The next batch, where another thread can take it apart and nothing is left of those before. */
  get whole(): RecordBatch | null {
    const { front, openedLength } = this.#queue
    const isWhole = openedLength === 0 && front?.raw !== undefined && front.damage === null
    return isWhole ? front : null
  }

  /** Takes the batch that is at the front as it came. */
  shiftWhole(batch: RecordBatch): ArrivedBatch {
    const { progress, memory } = this.#parts
    const arrived = progress.arrivedWhole(batch)
    this.#queue.shiftBatch()
    memory.giveBack(batch.bytes)
    this.#applyMoves()
    return arrived
  }

  /** Of a batch that was taken as it came. null: it cannot be read, and is fetched again. */
  read({ batch, arrived }: WholeBatch): readonly KafkaRecord[] | null {
    return this.#recordsOf(batch, arrived)
  }

  giveUpWhole({ batch, arrived }: WholeBatch, error: OccError): void {
    this.#giveUp(batch, error, arrived)
  }

  /** What was not begun of a batch that was taken as it came: behind what is opened. */
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

  /** null: it cannot be read, and is fetched again. */
  #recordsOf(batch: RecordBatch, arrived?: ArrivedBatch): readonly KafkaRecord[] | null {
    try {
      return batch.damage === null ? batch.read() : [this.#letterOf(batch, batch.damage)]
    } catch (problem) {
      this.#giveUp(batch, toOccError(problem, 'OCC_BATCH_CORRUPT'), arrived)
      return null
    }
  }

  /** It is fetched again, and so is all that came behind it. */
  #giveUp(batch: RecordBatch, error: OccError, arrived?: ArrivedBatch): void {
    const { parts, control, end, memory, progress, changed } = this.#parts
    const queue = this.#queue
    const before = queue.bytes
    parts.meters.countError('flow', error.code)
    const isGone = arrived?.isStale === true
    if (isGone || queue.dropBeforeMoveTo(batch.from)) {
      // Its topic was made anew since: nobody can fetch it again, and what is behind is another's.
      memory.giveBack(before - queue.bytes)
      const { topic, partition, from } = batch
      parts.log.error(
        { event: 'batch.gone', topic, partition, from, code: error.code },
        `${error.message} Its topic was made anew meanwhile, so that it cannot be fetched again.`,
      )
      this.#applyMoves()
    } else {
      const dropped = queue.dropFrom(batch.from)
      memory.giveBack(before - queue.bytes)
      // As if it had never arrived, nor anything behind it.
      if (arrived !== undefined) progress.goBack(batch.from, dropped)
      end.goBackTo(batch.from)
      control.unreadable(batch, error)
    }
    changed()
  }

  /** A batch that cannot be read goes to the dead letters as one record. */
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

  /** It counts in its order: at once where no batch waits before it. */
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
    if (metadata !== undefined) progress.metadata = metadata
  }

  /** Said once for each place; what comes behind it does not follow either. */
  #refuse(batch: RecordBatch, expected: number): void {
    const { clock, log, meters } = this.#parts.parts
    const code = 'OCC_BATCH_GAP'
    meters.countError('flow', code)
    if (this.#gap !== null) return
    const { topic, partition, from } = batch
    const message =
      `A batch of ${partitionName(batch)} begins at offset ${from}, but ${expected} is what comes next. It is refused, ` +
      'and so is all behind it, until that is fetched: nothing is left out. This is a fault of the consumer; restart it.'
    log.error({ event: 'batch.refused', topic, partition, from, expected, code }, message)
    this.#gap = { reason: 'offset', message, since: clock.now(), damage: null }
  }
}
