import type { DecodedMessage, Decoder, Message } from '../decode/types.ts'
import type {
  OpenedPartition,
  PartitionProcessor,
  RecordPlace,
  SliceOptions,
} from '../flow/types.ts'
import { messageOf, toOccError } from '../kernel/errors.ts'
import { unlessAborted } from '../kernel/lifecycle.ts'
import { GROUP_HEADER, groupOf } from '../kernel/shapes/dead-letter.ts'
import type { DueRecord } from '../kernel/shapes/due-record.ts'
import {
  holdsOrder,
  type Outcome,
  PASSED_BY,
  retry,
  undecodable,
} from '../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { TopicMeter } from '../observe/types.ts'
import { AttemptLedger, type Prepared } from './attempt-ledger.ts'
import { moved } from './call/answers.ts'
import { callAll } from './call/call-all.ts'
import type { Result } from './call/combine.ts'
import type { CallContext } from './call/context.ts'
import { Decoding } from './decoding.ts'
import type { DuplicateWindow } from './deduplicate/window.ts'
import type { EventFilter } from './select/event-filter.ts'
import { isOutcome } from './select/selection.ts'
import type { TopicHandlers } from './select/topic-handlers.ts'
import { runRound } from './slice.ts'
import type { TapPoint } from './tap.ts'
import type { RecordWriter } from './write/write-round.ts'

export interface PipelineParts {
  /** Consumer group of the service. Records redriven for another one are passed by. */
  readonly group: string
  readonly decoder: Decoder
  handlersOf(topic: string): TopicHandlers
  /** The global filter; null: every event. Read for each record, because it may change. */
  readonly filter: EventFilter | null
  /** As `SelectionParts.perBlock`. Absent: of no topic. */
  perBlock?(topic: string): boolean
  /** null: duplicates are not detected. */
  openWindow(partition: OpenedPartition): DuplicateWindow | null
  topicMeter(topic: string): TopicMeter
  /** Called with each message that was handled. */
  readonly onHandled: ((message: Message) => void) | null
  /** Shows records to those who look. Absent: nobody can. */
  readonly tap?: TapPoint | undefined
  /** Writes what handlers emitted with the offsets; null: sinks write by themselves. */
  readonly writer: RecordWriter | null
}

/**
 * Handles the records of one partition under one assignment: decodes, filters, leaves out what was
 * handled before, calls every handler of the topic, and combines their outcomes. Never throws and
 * never rejects.
 */
export class Pipeline implements PartitionProcessor {
  readonly handlers: readonly string[]
  readonly slice?: SliceOptions
  readonly #group: string
  readonly #decoding: Decoding
  readonly #handlers: TopicHandlers
  readonly #ledger: AttemptLedger
  /** Records below this offset are handled once more, by an operator's wish. */
  readonly #replayedBelow: number
  readonly #writer: RecordWriter | null
  /** Of the only record, if it was parked. */
  readonly #parked: DueRecord | null
  /** Calls from an earlier assignment of the partition that are still running. */
  #inherited: readonly CallContext[]

  constructor(parts: PipelineParts, partition: OpenedPartition) {
    // What a parked record holds was never handled by these handlers, and the window is of a partition
    // that another process may have.
    const window = partition.parked ? null : parts.openWindow(partition)
    this.#group = parts.group
    this.#writer = parts.writer
    this.#replayedBelow = partition.replay?.to ?? 0
    this.#parked = partition.parked ?? null
    const meter = parts.topicMeter(partition.topic)
    this.#decoding = new Decoding(parts.decoder, partition.topic, meter)
    this.#handlers = parts.handlersOf(partition.topic)
    const { invokers, batch } = this.#handlers
    const selection = {
      window,
      perBlock: parts.perBlock?.(partition.topic) === true,
      get filter() {
        return parts.filter
      },
    }
    const { onHandled, tap } = parts
    this.#ledger = new AttemptLedger(this.#handlers, selection, meter, onHandled, tap)
    this.#inherited = invokers.flatMap(({ inFlight }) => inFlight)
    this.handlers = invokers.map(({ handler }) => handler.name)
    if (batch !== null) this.slice = batch
  }

  /** Grows while calls wait for their turn, because they are not hanging. */
  get stuckAfter(): number | undefined {
    const { invokers } = this.#handlers
    if (invokers.length === 0) return undefined
    return Math.max(...invokers.map((one) => one.reportedAfter))
  }

  handling(record: RecordPlace): readonly string[] {
    const having = this.#handlers.invokers.filter(({ inFlight }) =>
      inFlight.some((context) => context.holds(record)),
    )
    return having.map(({ handler }) => handler.name)
  }

  attemptsOf(handler: string): number | undefined {
    return this.#handlers.invokers.find((one) => one.handler.name === handler)?.handler.attempts
  }

  get format(): string {
    return this.#decoding.format
  }

  process(given: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome> {
    const record = this.#marked(given)
    try {
      if (this.#isForAnother(record)) return this.#ledger.passed(PASSED_BY)
      const busy = this.#stillInFlight(record)
      if (busy !== null)
        return busy.then(() => (signal.aborted ? moved() : this.process(record, signal)))
      const decoded = this.#decoding.decode(record)
      if (decoded.ok) return this.#attempt(decoded.message, signal)
      const awaited = this.awaits(record)
      if (awaited === null) return undecodable(decoded.error)
      return unlessAborted(awaited, signal).then(() =>
        signal.aborted ? moved() : this.process(record, signal),
      )
    } catch (error) {
      return broken(error)
    }
  }

  get mayAwait(): boolean {
    return this.#decoding.mayAwait
  }

  /**
   * The flow asks before it takes a record; an attempt waits only where another thread has loaded
   * what this one has not.
   */
  awaits(record: KafkaRecord): Promise<void> | null {
    return this.#isForAnother(record) ? null : this.#decoding.awaits(record)
  }

  recall(record: KafkaRecord): void {
    if (!this.#isForAnother(record)) this.#decoding.recall(record)
  }

  keyOf(record: KafkaRecord): string | null {
    const { key } = this.#handlers
    const own = record.key === null ? null : record.key.toString('latin1')
    if (key === undefined || this.#isForAnother(record)) return own
    const result = this.#decoding.ahead(record)
    if (!result.ok) return own
    try {
      return key(result.message)
    } catch {
      // The handler will fail with it too, and report why.
      return own
    }
  }

  async processSlice(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
    progress = () => {},
  ): Promise<ReadonlyArray<Outcome | 'untouched'>> {
    const answers: Array<Outcome | 'untouched'> = []
    try {
      while (answers.length < records.length && !signal.aborted) {
        const left = records.slice(answers.length).map((record) => this.#marked(record))
        const { round, waitFor } = this.#openRound(left, signal)
        if (waitFor !== null) await waitFor
        const running = runRound(this.#ledger, round, {
          ...{ signal, ordered, progress },
          writer: this.#writer,
        })
        for (const item of round) if (!isOutcome(item)) this.#ledger.claim(item, running)
        answers.push(...(await running))
        if (answers.includes('untouched')) break
        if (ordered && answers.some((answer) => answer !== 'untouched' && holdsOrder(answer))) break
      }
    } catch (error) {
      // The other records are attempted alone.
      answers.push(broken(error))
    }
    return records.map((_, index) => answers[index] ?? 'untouched')
  }

  settled(record: KafkaRecord): void {
    this.#ledger.settled(record)
  }

  #marked(record: KafkaRecord): KafkaRecord {
    const parked = this.#parked
    if (parked !== null) return { ...record, parked, ...(parked.isReplay && { isReplay: true }) }
    return record.offset < this.#replayedBelow ? { ...record, isReplay: true } : record
  }

  /** Asked before decoding: what this group cannot decode may be none of its business. */
  #isForAnother(record: KafkaRecord): boolean {
    if (record.headers?.[GROUP_HEADER] === undefined) return false
    const group = groupOf(record)
    return group !== null && group !== this.#group
  }

  /** A record is not handed to a handler that is still working on it from an earlier assignment. */
  #stillInFlight(record: KafkaRecord): Promise<unknown> | null {
    if (this.#inherited.length === 0) return null
    this.#inherited = this.#inherited.filter(({ isEnded }) => !isEnded)
    const holding = this.#inherited.filter((context) => context.holds(record))
    if (holding.length === 0) return null
    // Plus one turn of the event loop, in which the result is remembered.
    return Promise.all(holding.map((context) => context.whenEnded())).then(nextTurn)
  }

  #attempt(message: DecodedMessage, signal: AbortSignal): Outcome | Promise<Outcome> {
    const prepared = this.#ledger.prepare(message)
    if (isOutcome(prepared)) return this.#ledger.passed(prepared)
    const claimed = this.#ledger.claimed(prepared)
    if (claimed !== null) {
      return claimed.then(() => (signal.aborted ? moved() : this.#attempt(message, signal)))
    }
    const outcome = callAll(prepared, signal, this.#close)
    if (outcome instanceof Promise) this.#ledger.claim(prepared, outcome)
    return outcome
  }

  /** Writes first what the handlers emitted, if the record is finished with it. */
  readonly #close = (
    prepared: Prepared,
    results: readonly Result[],
  ): Outcome | Promise<Outcome> => {
    const ledger = this.#ledger
    if (this.#writer === null) return ledger.close(prepared, results)
    const outcome = ledger.outcomeOf(prepared, results)
    const { kind, writes = [] } = outcome
    if (writes.length === 0 || (kind !== 'ok' && kind !== 'skip')) {
      return ledger.close(prepared, results, outcome)
    }
    return this.#writer.write([prepared.record], writes).then(
      () => ledger.close(prepared, results, outcome),
      (error) => ledger.closeUnwritten(prepared, results, error),
    )
  }

  /**
   * As many records as share no event: the outcome of the first decides whether a second with the
   * same event is handled. Empty if the first record must wait for something in flight. Runs in one
   * turn of the event loop, so that nothing else can claim the records meanwhile.
   */
  #openRound(records: readonly KafkaRecord[], signal: AbortSignal): Round {
    const round: Array<Prepared | Outcome> = []
    const ids = new Set<string>()
    for (const record of records) {
      // No call gets both: its context says which it is.
      if (record.isReplay !== records[0]?.isReplay) break
      if (this.#isForAnother(record)) {
        round.push(PASSED_BY)
        continue
      }
      const held = this.#stillInFlight(record)
      if (held !== null) return { round, waitFor: round.length === 0 ? held : null }
      const decoded = this.#decoding.decode(record)
      if (!decoded.ok) {
        const awaited = this.awaits(record)
        if (awaited !== null) {
          return { round, waitFor: round.length === 0 ? unlessAborted(awaited, signal) : null }
        }
        round.push(undecodable(decoded.error))
        continue
      }
      const prepared = this.#ledger.prepare(decoded.message)
      if (!isOutcome(prepared)) {
        const claimed = this.#ledger.claimed(prepared)
        if (claimed !== null) return { round, waitFor: round.length === 0 ? claimed : null }
        if (prepared.selected.ids.some((id) => ids.has(id))) break
        for (const id of prepared.selected.ids) ids.add(id)
      }
      round.push(prepared)
    }
    return { round, waitFor: null }
  }
}

interface Round {
  readonly round: ReadonlyArray<Prepared | Outcome>
  readonly waitFor: Promise<unknown> | null
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * A bug in this service, not in the handler. Judged like a handler error, so that it does not send
 * the whole stream to the dead letters.
 */
function broken(error: unknown): Outcome {
  const message = `cannot be handled: ${messageOf(error)}`
  return { ...retry(toOccError(error, 'OCC_PIPELINE', { message }), null), fault: 'record' }
}
