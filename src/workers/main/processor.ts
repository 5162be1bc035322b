import type { RecordBatch } from '../../broker/types.ts'
import type {
  BatchesAnswer,
  BatchLimits,
  OpenedPartition,
  PartitionProcessor,
  RecordPlace,
  SliceOptions,
} from '../../flow/types.ts'
import type { RecordWriter } from '../../handle/write/write-round.ts'
import { OccError } from '../../kernel/errors.ts'
import { holdsOrder, type Outcome, retry } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import { packedSize } from '../packing.ts'
import type { SliceTask } from '../protocol.ts'
import { type ChunkResult, type Contents, sliceOf } from './chunk.ts'
import { CHUNK_BYTES, ChunkSize } from './chunk-size.ts'
import type { WorkerPool } from './pool.ts'
import type { Answer } from './slice-answers.ts'
import { WholeChunk } from './whole-chunk.ts'

/** Milliseconds beyond the handlers' own timeouts, and without handlers. */
const GRACE = 1_000
const WITHOUT_HANDLERS = 30_000
/** The pool replaces hung workers; the flow need not check. */
const NEVER_STUCK = 2 ** 31 - 1

/** Whether the partition's records go to workers now or are handled in this thread. */
export interface Placement {
  readonly inWorkers: boolean
  /** Some work was done in this thread. @param milliseconds Its duration. */
  worked(milliseconds: number): void
}

let lastLane = 0

/**
 * Handles the records of one partition in worker threads, or in this thread, as `placement` says.
 * It switches only when nothing is in flight and no record waits for another attempt, so that the
 * memory of its records is in one place.
 */
export class WorkerProcessor implements PartitionProcessor {
  readonly handlers: readonly string[]
  readonly stuckAfter: number
  readonly #inner: PartitionProcessor
  readonly #pool: WorkerPool
  readonly #placement: Placement
  readonly #writer: RecordWriter | null
  readonly #partition: TopicPartition & Pick<SliceTask, 'replay' | 'isBack' | 'parked'>
  readonly #lane = ++lastLane
  /** Offsets that were in flight when a worker died: they are sent alone. */
  readonly #suspicious = new Set<number>()
  readonly #failed = new Set<number>()
  readonly #size = new ChunkSize()
  #inFlight = 0
  #inWorkers: boolean
  #isClosed = false
  #isHalted = false
  #signal: AbortSignal | null = null

  /**
   * @param inner Handles records in this thread, and knows about keys and batches.
   * @param writer as of `inner`.
   */
  constructor(
    inner: PartitionProcessor,
    pool: WorkerPool,
    placement: Placement,
    { topic, partition, replay = null, isBack = false, parked = null }: OpenedPartition,
    writer: RecordWriter | null,
  ) {
    this.#inner = inner
    this.#pool = pool
    this.#placement = placement
    this.#writer = writer
    this.#partition = { topic, partition, replay, isBack, parked }
    this.handlers = inner.handlers ?? []
    this.stuckAfter = NEVER_STUCK
    this.#inWorkers = placement.inWorkers
  }

  get format(): string {
    return this.#inner.format ?? 'readable'
  }

  get slice(): SliceOptions | undefined {
    if (this.#inner.slice !== undefined) return this.#inner.slice
    return this.#isNextThere ? this.#size.slice : undefined
  }

  get batches(): BatchLimits | undefined {
    // A batch handler may want batches other than the fetched ones, and offsets are written one by one.
    const isPlain = this.#inner.slice === undefined && !this.mayAwait && this.#writer === null
    const takesThem = this.#isNextThere && isPlain && !this.#isHalted
    return takesThem ? this.#size.batches : undefined
  }

  get mayAwait(): boolean {
    return this.#inner.mayAwait === true
  }

  awaits(record: KafkaRecord): Promise<void> | null {
    return this.#inner.awaits?.(record) ?? null
  }

  /** Which of several handlers a thread is in, only that thread knows. */
  handling(record: RecordPlace): readonly string[] {
    if (!this.#inWorkers) return this.#inner.handling?.(record) ?? []
    return this.handlers.length === 1 ? this.handlers : []
  }

  attemptsOf(handler: string): number | undefined {
    return this.#inner.attemptsOf?.(handler)
  }

  keyOf(record: KafkaRecord): string | null {
    if (this.#inner.keyOf !== undefined) return this.#inner.keyOf(record)
    return record.key === null ? null : record.key.toString('latin1')
  }

  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome> {
    this.#inWorkers = this.#isNextThere
    if (this.#inWorkers) return this.#processThere(record, signal)
    const started = performance.now()
    const outcome = this.#inner.process(record, signal)
    this.#placement.worked(performance.now() - started)
    if (outcome instanceof Promise) return this.#await(record, outcome)
    if (outcome.kind === 'retry') this.#failed.add(record.offset)
    return outcome
  }

  async processSlice(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<readonly Answer[]> {
    this.#inWorkers = this.#isNextThere
    this.#inFlight += 1
    try {
      const answers = this.#inWorkers
        ? await this.#sliceThere(records, signal, ordered)
        : await this.#sliceHere(records, signal, ordered)
      for (const [index, { offset }] of records.entries()) this.#note(offset, answers[index])
      return answers
    } finally {
      this.#inFlight -= 1
    }
  }

  async processBatches(
    batches: readonly RecordBatch[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer> {
    // They are handed over only where `batches` takes them.
    this.#inWorkers = true
    this.#inFlight += 1
    try {
      return await this.#batchesThere(batches, signal, ordered)
    } finally {
      this.#inFlight -= 1
    }
  }

  async #batchesThere(
    batches: readonly RecordBatch[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer> {
    this.#closeOnAbort(signal)
    const contents = new WholeChunk(batches)
    const result = await this.#hand(contents, ordered, false)
    const told = result.batches ?? []
    const done = told.reduce((sum, { handled, skipped }) => sum + handled + skipped, 0)
    if (done > 0 || result.death !== null) this.#learn(done, result)
    for (const [index, answer] of result.answers.entries()) {
      if (answer === 'untouched' || answer.kind !== 'retry') continue
      const offset = contents.offsetAt(index)
      if (offset !== null) this.#failed.add(offset)
    }
    return contents.answersOf(result)
  }

  halt(): void {
    this.#isHalted = true
    this.#pool.haltLane(this.#lane)
  }

  settled(record: KafkaRecord): void {
    const { offset } = record
    this.#failed.delete(offset)
    this.#suspicious.delete(offset)
    if (this.#inWorkers) this.#pool.settled(this.#lane, this.#partition, offset)
    else this.#inner.settled?.(record)
  }

  async #processThere(record: KafkaRecord, signal: AbortSignal): Promise<Outcome> {
    while (!signal.aborted) {
      const [answer = 'untouched'] = await this.processSlice([record], signal, false)
      if (answer !== 'untouched') return answer
    }
    const text = 'The partition has moved or the process ends.'
    return retry(new OccError('OCC_WORKER_ABORTED', text, { retriable: true }), null)
  }

  async #sliceHere(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<readonly Answer[]> {
    const started = performance.now()
    const answers = this.#inner.processSlice?.(records, signal, ordered)
    this.#placement.worked(performance.now() - started)
    return (await answers) ?? records.map(() => 'untouched')
  }

  async #sliceThere(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<readonly Answer[]> {
    this.#closeOnAbort(signal)
    const answers: Answer[] = []
    while (answers.length < records.length && !signal.aborted) {
      const chunk = this.#cut(records.slice(answers.length))
      const bytes = chunk.reduce((sum, record) => sum + packedSize(record), 0)
      const alone = chunk.some(({ offset }) => this.#suspicious.has(offset))
      const result = await this.#hand(sliceOf(chunk, bytes), ordered, alone)
      answers.push(...result.answers)
      this.#learn(chunk.length, result)
      if (result.death !== null || (ordered && result.answers.some(isUnfinished))) break
    }
    return records.map((_, index) => answers[index] ?? 'untouched')
  }

  #hand(contents: Contents, ordered: boolean, alone: boolean): Promise<ChunkResult> {
    return this.#pool.hand({
      ...this.#partition,
      count: contents.count,
      bytes: contents.bytes,
      isWhole: contents.isWhole,
      pack: () => contents.pack(),
      offsetAt: (index) => contents.offsetAt(index),
      lane: this.#lane,
      ordered,
      alone,
      handlers: this.handlers,
      writer: this.#writer,
      hungAfter: (this.#inner.stuckAfter ?? WITHOUT_HANDLERS) + GRACE,
    })
  }

  /** The records to send together: one that may have killed a worker is sent alone. */
  #cut(records: readonly KafkaRecord[]): readonly KafkaRecord[] {
    let bytes = 0
    const end = records.findIndex((record, index) => {
      bytes += packedSize(record)
      if (index === 0) return false
      return bytes > CHUNK_BYTES || this.#suspicious.has(record.offset)
    })
    const [first] = records
    if (first !== undefined && this.#suspicious.has(first.offset)) return [first]
    return end === -1 ? records : records.slice(0, end)
  }

  #learn(count: number, { suspicious, milliseconds }: ChunkResult): void {
    for (const offset of suspicious) this.#suspicious.add(offset)
    if (milliseconds !== null && count > 0) this.#size.learn(count, milliseconds)
  }

  async #await(record: KafkaRecord, outcome: Promise<Outcome>): Promise<Outcome> {
    this.#inFlight += 1
    try {
      const settled = await outcome
      this.#note(record.offset, settled)
      return settled
    } finally {
      this.#inFlight -= 1
    }
  }

  #note(offset: number, answer: Answer | undefined): void {
    if (answer === undefined || answer === 'untouched') return
    if (answer.kind === 'retry') this.#failed.add(offset)
    else {
      this.#failed.delete(offset)
      this.#suspicious.delete(offset)
    }
  }

  /** Whether the next records go to workers. */
  get #isNextThere(): boolean {
    const isIdle = this.#inFlight === 0 && this.#failed.size === 0
    return isIdle ? this.#placement.inWorkers : this.#inWorkers
  }

  #closeOnAbort(signal: AbortSignal): void {
    if (this.#signal === signal || this.#isClosed) return
    this.#signal = signal
    const close = () => {
      this.#isClosed = true
      this.#pool.closeLane(this.#lane, this.#partition)
    }
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
  }
}

function isUnfinished(answer: Answer): boolean {
  return answer === 'untouched' || holdsOrder(answer)
}
