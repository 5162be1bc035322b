import { unlessAborted } from '../../kernel/lifecycle.ts'
import { type Outcome, thrown } from '../../kernel/shapes/outcome.ts'
import { holdOf } from '../../kernel/shapes/parked.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import type { Progress } from '../lane/progress.ts'
import type { HoldPlace, PartitionProcessor, RecordPlace } from '../types.ts'

/** Milliseconds until the table is asked again. */
const PAUSE = 1_000
/** Keys of a partition that are remembered: most of so many hold nothing any more. */
const MOST = 40_000

/** Its row is in the table, so it will be handled: its offset may be finished. */
const PARKED_ALREADY: Outcome = { kind: 'skip', reason: 'parked', unread: true }
const BEHIND: Outcome = {
  ...{ kind: 'later', after: 0, handler: null, unread: true },
  reason: 'behind a parked record of its key',
}

/** Two records of a key in one call could not wait for each other, so there are no such calls. */
type OfMany = 'slice' | 'processSlice' | 'batches' | 'processBatches' | 'halt'
/** Whatever else the inner processor has is passed on: a new part that is not shows as a type error. */
type PassedOn = Required<Omit<PartitionProcessor, OfMany | 'handlers'>>

/**
 * The processor of a partition whose parked records hold their keys: a record of such a key is parked
 * behind them, without a call. Only whoever has the partition parks records of it, so a key that is
 * unknown here is free. One that is known may have become free meanwhile, and is asked for.
 */
export class HeldKeys implements PassedOn {
  readonly handlers?: readonly string[]
  readonly #partition: TopicPartition
  readonly #inner: PartitionProcessor
  readonly #place: HoldPlace
  readonly #progress: Pick<Progress, 'isReplay'>
  /** What parked records hold, or have held; null: too many to remember, so each is asked for. */
  #held: Set<string> | null = new Set()
  #isRead = false
  #reading: Promise<void> | null = null
  /** Records on their way into the table, by offset. */
  readonly #onTheirWay = new Map<number, { hold: string; arrived: PromiseWithResolvers<void> }>()

  constructor(
    { topic, partition }: TopicPartition,
    inner: PartitionProcessor,
    place: HoldPlace,
    progress: Pick<Progress, 'isReplay'>,
  ) {
    this.#partition = { topic, partition }
    this.#inner = inner
    this.#place = place
    this.#progress = progress
    if (inner.handlers !== undefined) this.handlers = inner.handlers
  }

  get format(): string {
    return this.#inner.format ?? 'readable'
  }

  get stuckAfter(): number | undefined {
    return this.#inner.stuckAfter
  }

  handling(record: RecordPlace): readonly string[] {
    return this.#inner.handling?.(record) ?? []
  }

  get mayAwait(): boolean {
    return this.#inner.mayAwait === true
  }

  awaits(record: KafkaRecord): Promise<void> | null {
    return this.#inner.awaits?.(record) ?? null
  }

  recall(record: KafkaRecord): void {
    this.#inner.recall?.(record)
  }

  attemptsOf(handler: string): number | undefined {
    return this.#inner.attemptsOf?.(handler)
  }

  settled(record: KafkaRecord): void {
    this.#inner.settled?.(record)
  }

  keyOf(record: KafkaRecord): string | null {
    if (this.#inner.keyOf !== undefined) return this.#inner.keyOf(record)
    return record.key === null ? null : record.key.toString('latin1')
  }

  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome> {
    if (this.#isRead && this.#held?.size === 0) return this.#inner.process(record, signal)
    const hold = this.#holdOf(record)
    const isFree = hold === null || (this.#isRead && !this.#mayBeHeld(hold))
    return isFree ? this.#inner.process(record, signal) : this.#behind(record, hold, signal)
  }

  /** From now on it holds its key. Returns what it holds; null: it has no key. */
  parking(record: KafkaRecord): string | null {
    const hold = this.#holdOf(record)
    if (hold === null) return null
    if (this.#isRead && (this.#held?.size ?? 0) >= MOST) this.#forget()
    this.#held?.add(hold)
    this.#onTheirWay.set(record.offset, { hold, arrived: Promise.withResolvers() })
    return hold
  }

  /** It is in the table. */
  parked({ offset }: KafkaRecord): void {
    this.#onTheirWay.get(offset)?.arrived.resolve()
    this.#onTheirWay.delete(offset)
  }

  async #behind(record: KafkaRecord, hold: string, signal: AbortSignal): Promise<Outcome> {
    try {
      const outcome = await this.#outcomeBehind(record, hold, signal)
      if (outcome !== null) return outcome
    } catch (error) {
      return { ...thrown(error), after: PAUSE, fault: 'limit' }
    }
    return this.#inner.process(record, signal)
  }

  /** null: its key is free. */
  async #outcomeBehind(
    record: KafkaRecord,
    hold: string,
    signal: AbortSignal,
  ): Promise<Outcome | null> {
    do {
      await this.#read()
      await this.#arrival(hold, signal)
      // Nothing that follows counts.
      if (signal.aborted) return BEHIND
    } while (!this.#isRead)
    if (!this.#mayBeHeld(hold)) return null
    const holder = await this.#place.holderOf(record, hold)
    if (holder === 'itself' && !this.#progress.isReplay(record)) return PARKED_ALREADY
    if (holder !== 'none') return BEHIND
    this.#held?.delete(hold)
    return null
  }

  /** The table knows better which of them are held; what is not in it yet is. */
  #forget(): void {
    this.#held = new Set([...this.#onTheirWay.values()].map(({ hold }) => hold))
    this.#isRead = false
  }

  /** A partition that was taken over may have parked records. */
  async #read(): Promise<void> {
    if (this.#isRead) return
    this.#reading ??= this.#place.held(this.#partition).then((held) => {
      this.#held = held === null ? null : new Set([...held, ...(this.#held ?? [])])
      this.#isRead = true
    })
    try {
      await this.#reading
    } finally {
      this.#reading = null
    }
  }

  /** A record that is not in the table yet must be there before one that waits behind it. */
  async #arrival(hold: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const before = [...this.#onTheirWay.values()].find((each) => each.hold === hold)
      if (before === undefined) return
      await unlessAborted(before.arrived.promise, signal)
    }
  }

  #mayBeHeld(hold: string): boolean {
    return this.#held === null || this.#held.has(hold)
  }

  #holdOf(record: KafkaRecord): string | null {
    try {
      const key = this.keyOf(record)
      return key === null ? null : holdOf(key)
    } catch {
      // The attempt will show what is wrong with the record.
      return null
    }
  }
}
