import type { DecodedMessage, Message } from '../decode/types.ts'
import { isShared } from '../kernel/shapes/held-write.ts'
import { type DeadOutcome, OK, type Outcome } from '../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { TopicMeter } from '../observe/types.ts'
import { outcomeOf } from './call/answers.ts'
import { combine, type Result, withAbsent } from './call/combine.ts'
import type { HandlerInvoker } from './call/invoker.ts'
import { IdLocks } from './deduplicate/id-locks.ts'
import { isOutcome, offer, type Selected, type SelectionParts, select } from './select/selection.ts'
import type { TopicHandlers } from './select/topic-handlers.ts'
import { DUPLICATE, FILTERED, isOurs } from './skips.ts'
import { NO_TAP, type TapPoint } from './tap.ts'

/** How far the handlers of one record got in earlier attempts. */
interface Progress {
  /** Timestamp of the record, because a recreated topic reuses offsets. */
  readonly timestamp: number | null
  readonly attempts: number
  /** Handlers that are done with the record, and their outcomes. */
  readonly done: ReadonlyMap<HandlerInvoker, Outcome>
  /** How many of its events were counted as handled before; null: none of them was counted yet. */
  readonly duplicates: number | null
}

const NO_PROGRESS: Progress = Object.freeze({
  timestamp: null,
  attempts: 0,
  done: new Map(),
  duplicates: null,
})

/** A message and what each of its handlers gets of it: the message, or the outcome instead. */
export interface Prepared {
  readonly record: KafkaRecord
  readonly message: DecodedMessage
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly selected: Selected
  readonly offers: ReadonlyArray<readonly [HandlerInvoker, Message | Outcome]>
  /** Of handlers that the record is for, too, and that are not here. */
  readonly absent: DeadOutcome | null
}

/**
 * What is known about the records of one partition under one assignment: which handlers are done
 * with a record that needs another attempt, which ids are in flight, and what was handled before.
 */
export class AttemptLedger {
  readonly #handlers: TopicHandlers
  readonly #selection: SelectionParts
  readonly #meter: TopicMeter
  /** Called with each message that was handled. */
  readonly #onHandled: ((message: Message) => void) | null
  readonly #tap: TapPoint
  /** By offset. Holds only records that need another attempt. */
  readonly #progress = new Map<number, Progress>()
  readonly #locks = new IdLocks()
  /** Offsets of records that batch handlers get alone, so that what they emit for them is known. */
  readonly #alone = new Set<number>()

  constructor(
    handlers: TopicHandlers,
    selection: SelectionParts,
    meter: TopicMeter,
    onHandled: ((message: Message) => void) | null,
    tap: TapPoint = NO_TAP,
  ) {
    this.#handlers = handlers
    this.#selection = selection
    this.#meter = meter
    this.#onHandled = onHandled
    this.#tap = tap
  }

  /** An outcome, if no handler needs to be called. */
  prepare(message: DecodedMessage): Prepared | Outcome {
    const { record } = message
    const { invokers, absent } = this.#handlers.of(record)
    if (absent !== null && invokers.length === 0) return absent
    const progress = this.#progressOf(record)
    const selected = select(message, this.#selection)
    const attempt = progress.attempts + 1
    const { whole, fresh } = selected
    if (this.#selection.filter !== null && whole.events.length === 0) {
      this.#count(message, selected)
      return FILTERED
    }
    if (invokers.length === 0) {
      this.#count(message, selected)
      if (whole !== fresh && fresh.events.length === 0) return DUPLICATE
      if (this.#tap.isOpen) this.#tap.take(message, [])
      this.#handled(message, selected.ids)
      return OK
    }
    const { window } = this.#selection
    const offers = invokers.map((invoker) => {
      // Also for handlers that are done, because their own ids must be remembered too.
      const offered = offer(invoker.handler, selected, window)
      return [invoker, progress.done.get(invoker) ?? offered] as const
    })
    if (this.#tap.isOpen && attempt === 1) this.#show(message, offers)
    return { record, message, attempt, selected, offers, absent }
  }

  /** To those who look at what is handed over; not what no handler is called with. */
  #show(message: Message, offers: Prepared['offers']): void {
    const called = offers.filter(([, offered]) => !isOutcome(offered))
    if (called.length === 0) return
    this.#tap.take(
      message,
      called.map(([{ handler }]) => handler.name),
    )
  }

  /** The attempt to wait for, because it holds one of the ids; null: none. */
  claimed({ selected: { ids } }: Prepared): Promise<unknown> | null {
    return this.#locks.of(ids)
  }

  /** @param attempt never rejects. */
  claim({ selected: { ids } }: Prepared, attempt: Promise<unknown>): void {
    if (ids.length > 0) this.#locks.hold(ids, attempt)
  }

  /** The record needs no handler. */
  passed(outcome: Outcome): Outcome {
    if (outcome.kind === 'skip') {
      this.#meter.skips.count(outcome.reason)
      if (outcome.unread === true) this.#meter.passedBy += 1
    }
    return outcome
  }

  /** The outcome that `close` would come to. */
  outcomeOf({ absent }: Prepared, results: readonly Result[]): Outcome {
    return withAbsent(combine(results), absent)
  }

  /** As `close`, if what handlers emitted could not be written: their calls have failed with that. */
  closeUnwritten(prepared: Prepared, results: readonly Result[], error: unknown): Outcome {
    const failed = results.map((result) => {
      const { invoker, outcome } = result
      if ((outcome.writes ?? []).length === 0) return result
      return { ...result, outcome: outcomeOf(error, invoker.handler.name) }
    })
    return this.close(prepared, failed)
  }

  isAlone({ offset }: KafkaRecord): boolean {
    return this.#alone.has(offset)
  }

  /** Batch handlers get the record alone from now on. */
  setAlone({ offset }: KafkaRecord): void {
    this.#alone.add(offset)
  }

  /** The outcome of the attempt. @param outcome as of `outcomeOf` */
  close(
    prepared: Prepared,
    results: readonly Result[],
    outcome = this.outcomeOf(prepared, results),
  ): Outcome {
    const { record, message, attempt, selected } = prepared
    this.#countNotCalled(record, results)
    const duplicates = this.#count(message, selected)
    const { ids } = selected
    if (outcome.kind !== 'retry') this.#alone.delete(record.offset)
    if (outcome.kind === 'retry') this.#remember(record, attempt, results, duplicates)
    else if (outcome.kind === 'dead' || outcome.kind === 'later')
      this.#progress.delete(record.offset)
    else {
      if (outcome.kind === 'ok') this.#handled(message, ids)
      else this.#skipped(results, outcome.reason, ids)
      this.#progress.delete(record.offset)
    }
    return outcome
  }

  /** Not all handlers were called: this is no attempt, but what was done is remembered. */
  leave({ record, attempt }: Prepared, results: readonly Result[]): void {
    this.#remember(record, attempt - 1, results, this.#progressOf(record).duplicates)
  }

  settled({ offset }: KafkaRecord): void {
    this.#progress.delete(offset)
    this.#alone.delete(offset)
  }

  #progressOf({ offset, timestamp }: KafkaRecord): Progress {
    const known = this.#progress.get(offset)
    return known?.timestamp === timestamp ? known : NO_PROGRESS
  }

  #remember(
    { offset, timestamp }: KafkaRecord,
    attempts: number,
    results: readonly Result[],
    duplicates: number | null,
  ): void {
    // What it shares with other records is written with them, or never.
    const done = results.filter(
      ({ outcome }) => outcome.kind !== 'retry' && outcome.writes?.some(isShared) !== true,
    )
    const entries = done.map(({ invoker, outcome }) => [invoker, outcome] as const)
    if (attempts === 0 && entries.length === 0) return
    this.#progress.set(offset, { timestamp, attempts, done: new Map(entries), duplicates })
  }

  /**
   * Counts each event once, however often its message is attempted: its copy may be handled between
   * two attempts. Returns how many were handled before. What nobody has looked for is not counted.
   */
  #count(message: DecodedMessage, { whole, fresh }: Selected): number | null {
    const { duplicates: before } = this.#progressOf(message.record)
    if (message.eventsFound === false) return before
    if (before === null) {
      this.#meter.events += message.events.length
      this.#meter.filteredEvents += message.events.length - whole.events.length
    }
    const known = before ?? 0
    const duplicates = Math.max(known, whole.events.length - fresh.events.length)
    this.#meter.duplicates += duplicates - known
    return duplicates
  }

  /** A message that a handler was not called with is counted once, not with each attempt. */
  #countNotCalled(record: KafkaRecord, results: readonly Result[]): void {
    for (const { invoker, outcome, called } of results) {
      if (called || outcome.kind !== 'skip' || this.#progressOf(record).done.has(invoker)) continue
      invoker.handler.meter.skips.count(outcome.reason)
    }
  }

  /** What handlers write as a reason is counted with them. */
  #skipped(results: readonly Result[], reason: string, ids: readonly string[]): void {
    const areOurs = results.every(({ outcome }) => isOurs(outcome))
    this.#meter.skips.count(areOurs ? reason : 'handler')
    for (const id of ids) this.#selection.window?.add(id)
  }

  #handled(message: Message, ids: readonly string[]): void {
    const { window } = this.#selection
    if (window !== null) for (const id of ids) window.add(id)
    this.#onHandled?.(message)
  }
}
