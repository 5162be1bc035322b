import type { Message } from '../../decode/types.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Parked } from '../../kernel/shapes/due-record.ts'
import { type HeldWork, type HeldWrite, KEPT } from '../../kernel/shapes/held-write.ts'
import { dead, later, type Outcome, retry, skip } from '../../kernel/shapes/outcome.ts'
import { isParkingTime } from '../../kernel/shapes/parked.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { CallTrace, TraceContext } from '../../kernel/tracing.ts'
import type { Emit, HandlerContext } from '../api/types.ts'
import type { EmittedRows, LoadedHandler } from '../load/loaded-handler.ts'
import { Call } from './call.ts'
import { noParking, noTransaction, notFromWorkers, tooLate, wrongTime } from './context-errors.ts'
import { CallSource, Emitted } from './emitted.ts'
import { outside } from './origins.ts'

/**
 * What one call of a handler gets. Its functions are created on access, so that they can be
 * destructured (`{ emit }`) and cost nothing if unused.
 */
export class CallContext extends Call implements HandlerContext {
  readonly attempt: number
  readonly replay: boolean
  readonly parked: Parked | null
  /** null: it has no span, and nothing to pass on. */
  readonly trace: CallTrace | null
  /** Offsets of its records, once one is asked for. */
  #own: ReadonlySet<number> | null = null
  #emits = 0
  #emitted: Emitted | null = null
  #expiredInSink = false
  #writes: HeldWrite[] | null = null
  #verdict: Outcome | null = null

  /** As of `Call`. */
  constructor(
    handler: LoadedHandler,
    record: KafkaRecord,
    offsets: readonly number[] | null,
    assignment: AbortSignal,
    attempt: number,
    trace: CallTrace | null = null,
  ) {
    super(handler, record, offsets, assignment)
    this.attempt = attempt
    this.trace = trace
    this.replay = record.isReplay === true
    this.parked = record.parked === undefined ? null : parkedOf(record.parked)
  }

  get log(): Log {
    return this.handler.log
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.handler.options
  }

  get emit(): Emit {
    return (sink, value, { key = null, id, message } = {}) => {
      const { name, emit, transacts } = this.handler
      // No call is left to fail with it: if nobody awaits this either, it is a stray error.
      if (this.isEnded) return Promise.reject(tooLate(name, sink))
      this.#emits += 1
      const source = new CallSource(this, this.#emits, id)
      const trace = this.#traceFor(message)
      if (transacts === true) source.hold = (rows) => this.#hold(rows, message)
      if (this.replay) source.replay = true
      if (trace !== null) source.trace = trace
      const work = this.isOver
        ? Promise.reject(tooLate(name, sink))
        : this.trace === null
          ? outside(emit, source, sink, value, key)
          : this.trace.leave(() => outside(emit, source, sink, value, key))
      if (work === KEPT) return work
      this.#emitted ??= new Emitted()
      return this.#emitted.follow(work)
    }
  }

  /** The trace of the call; if it has none, that of the message that the value is emitted for. */
  #traceFor(message: Message | undefined): TraceContext | null {
    const { tracing = null } = this.handler
    if (this.trace !== null) return this.trace.context
    return tracing === null || message === undefined ? null : tracing.contextOf(message.record)
  }

  get emitted(): Emitted | null {
    return this.#emitted
  }

  override expire(): void {
    this.#expiredInSink = this.#emitted?.isWaiting ?? false
    super.expire()
  }

  /** Whether a sink had not acknowledged everything when the call timed out. */
  get expiredInSink(): boolean {
    return this.#expiredInSink
  }

  get transaction(): HandlerContext['transaction'] {
    return (run, { message } = {}) => {
      const { name, transacts, usesWorkers, noTransaction: told } = this.handler
      if (transacts !== true || usesWorkers === true) {
        const error = transacts === true ? notFromWorkers(name) : noTransaction(name)
        told?.(error)
        throw error
      }
      if (this.isOver) throw tooLate(name, 'the transaction')
      this.#hold({ run }, message)
    }
  }

  #hold(write: EmittedRows | Pick<HeldWork, 'run'>, message: Message | undefined): void {
    // A message of another call cannot say what it belongs to: it is written with all of this one.
    const offset = message?.record.offset
    const offsets = offset !== undefined && this.#isOwn(offset) ? [offset] : this.offsets
    const { name: handler } = this.handler
    this.#writes ??= []
    if ('run' in write) this.#writes.push({ kind: 'work', handler, offsets, run: write.run })
    else {
      const { sink, rows, bytes } = write
      this.#writes.push({ kind: 'rows', handler, offsets, sink, rows, bytes })
    }
  }

  #isOwn(offset: number): boolean {
    this.#own ??= new Set(this.offsets)
    return this.#own.has(offset)
  }

  /** What is to be written when the records are finished; null: nothing. */
  get writes(): readonly HeldWrite[] | null {
    return this.#writes
  }

  get dead() {
    return (reason: string): Outcome =>
      this.#decide(dead(new OccError('OCC_HANDLER_DEAD', reason), this.handler.name))
  }

  get skip() {
    return (reason: string): Outcome => this.#decide(skip(messageOf(reason)))
  }

  get retry() {
    return (after?: number, reason = 'The handler asked for another attempt.'): Outcome => {
      const error = new OccError('OCC_HANDLER_RETRY', reason, { retriable: true })
      return this.#decide(retry(error, this.handler.name, after ?? null))
    }
  }

  get later() {
    return (after: number, reason = 'The handler parked it.'): Outcome => {
      const { name, parks } = this.handler
      if (parks !== true) throw noParking(name)
      if (!isParkingTime(after)) throw wrongTime(name, after)
      // Without types, what was caught is handed on as it is; the table of parked records takes text.
      return this.#decide(later(Math.ceil(after), messageOf(reason), name))
    }
  }

  #decide(outcome: Outcome): Outcome {
    this.#verdict = outcome
    return outcome
  }

  /** The last outcome that was created. It counts if the handler does not return it. */
  get verdict(): Outcome | null {
    return this.#verdict
  }
}

/** What of it concerns the handler. */
function parkedOf({ times, since }: Parked): Parked {
  return { times, since }
}
