import type { Message } from '../../decode/types.ts'
import { OK, type Outcome, retry } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { CallTrace } from '../../kernel/tracing.ts'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import { checkAnswer, checkAnswers, moved, outcomeOf } from './answers.ts'
import { type CallLimiter, createCallLimiter, type Place } from './call-limiter.ts'
import { CallContext } from './context.ts'
import { reportHanging, reportHung } from './hanging.ts'
import { withWrites, withWritesOfBatch } from './held.ts'
import { runAlone } from './origins.ts'
import { createTimeoutQueue } from './timeout-queue.ts'

type Answers = Outcome | readonly Outcome[]
/** Reads the answer of a handler. */
type Check<Answer> = (answer: unknown, context: CallContext) => Answer
type Then<Answer, Result> = (answer: Answer) => Result | Promise<Result>

/** Calls one handler with its timeout. Nothing of the handler throws or rejects. */
export interface HandlerInvoker {
  readonly handler: LoadedHandler
  /** The outcome of a record that only this handler gets and has handled. */
  readonly handled: Outcome
  /**
   * A batch handler gets a batch of one.
   * @param then gets the outcome, in the same turn. The result is what it returns; what it throws, this throws or
   * rejects with.
   */
  call<Result>(
    message: Message,
    signal: AbortSignal,
    attempt: number,
    then: Then<Outcome, Result>,
  ): Result | Promise<Result>
  /** For batch handlers only. One outcome for all messages, or one for each. */
  callBatch(
    messages: readonly [Message, ...Message[]],
    signal: AbortSignal,
    attempt: number,
  ): Promise<Answers>
  /**
   * Milliseconds after which a call counts as hanging: its timeout plus its grace, and what it had
   * to wait for its turn. Infinity while a call waits for its turn.
   */
  readonly reportedAfter: number
  /** Calls that have not ended. */
  readonly inFlight: readonly CallContext[]
}

/** Maximum milliseconds a call may take to react to its signal before it is reported. */
const MAX_GRACE = 5_000

export function createInvoker(handler: LoadedHandler): HandlerInvoker {
  const { name, definition, timeout, meter, tracing = null } = handler
  const limiter = createCallLimiter(handler)
  const places = new WeakMap<CallContext, Place>()
  const hanging = new Set<CallContext>()
  const grace = Math.min(timeout, MAX_GRACE)
  const overdue = createTimeoutQueue<CallContext>(grace, (context) => {
    if (context.giveUp()) return
    hanging.add(context)
    // Others need not wait for a call that may never end.
    leave(context)
    reportHanging(context)
  })
  const running = createTimeoutQueue<CallContext>(timeout, (context) => {
    meter.timeouts += 1
    context.expire()
    overdue.add(context, performance.now())
  })

  function leave(context: CallContext): void {
    if (limiter !== null) places.get(context)?.release()
  }

  /** What follows an answer that is awaited: one promise for all of it, because each record in flight has one. */
  function finish<Answer extends Answers, Result>(
    answer: unknown,
    context: CallContext,
    check: Check<Answer>,
    then: Then<Answer | Outcome, Result>,
  ): Promise<Result> {
    running.add(context, context.started)
    meter.inFlight += context.records
    return new Promise((resolve, reject) => {
      const over = (isAnswer: boolean, value: unknown) => {
        meter.inFlight -= context.records
        const isInTime = running.delete(context) || overdue.delete(context)
        if (!isInTime && hanging.delete(context)) reportHung(context)
        try {
          const result = isAnswer ? checked(value, context, check) : failureOf(context, value)
          resolve(then(ended(context, result)))
        } catch (problem) {
          reject(problem)
        }
      }
      context.outlast(answer, (isAnswer, value) => {
        const { emitted } = context
        // Costs no turn if nothing was emitted.
        if (!isAnswer || emitted === null) return over(isAnswer, value)
        const sunk = () => over(true, value)
        return void emitted.settled().then(sunk, (error) => over(false, error))
      })
    })
  }

  function checked<Answer extends Answers>(
    answer: unknown,
    context: CallContext,
    check: Check<Answer>,
  ): Answer | Outcome {
    try {
      return check(answer, context)
    } catch (error) {
      return failureOf(context, error)
    }
  }

  function failureOf(context: CallContext, error: unknown): Outcome {
    if (context.givenUp !== null) return retry(context.givenUp, name)
    if (context.expired === null) return outcomeOf(error, name)
    // After the timeout, whatever it throws counts as the timeout: its own, or that of a sink.
    const fault = context.expiredInSink ? 'limit' : 'world'
    return { ...retry(context.expired, name), fault }
  }

  /** Ends the call and its span. */
  function ended<Result extends Answers>(context: CallContext, result: Result): Result {
    if (tracing !== null) tracing.end(context.trace, context, result)
    context.end()
    leave(context)
    meter.callSeconds.observe((performance.now() - context.started) / 1000)
    return result
  }

  function start<Given, Answer extends Answers, Result>(
    context: CallContext,
    handle: (given: Given, context: CallContext) => unknown,
    given: Given,
    check: Check<Answer>,
    then: Then<Answer | Outcome, Result>,
  ): Result | Promise<Result> {
    const { trace } = context
    let result: Answer | Outcome
    try {
      const answer =
        trace === null
          ? runAlone(context, handle, given)
          : runAlone(context, (one, call) => trace.run(() => handle(one, call)), given)
      if (isLater(answer) || context.emitted !== null) return finish(answer, context, check, then)
      result = check(answer, context)
    } catch (error) {
      result = outcomeOf(error, name)
    }
    return then(ended(context, result))
  }

  function handleOne(message: Message, context: CallContext): unknown {
    if (definition.batch === undefined) return definition.handle(message, context)
    return Promise.reject(new TypeError(`The handler ${name} gets batches.`))
  }

  function handleBatch(messages: readonly [Message, ...Message[]], context: CallContext): unknown {
    if (definition.batch !== undefined) return definition.handle(messages, context)
    return Promise.reject(new TypeError(`The handler ${name} is not a batch handler.`))
  }

  const checkOne = (answer: unknown, { verdict, writes }: CallContext) =>
    withWrites(checkAnswer(answer, name, verdict), writes)

  /** Begins the call in its turn. */
  function inTurn<Result>(
    { enter }: CallLimiter,
    messages: number,
    signal: AbortSignal,
    begin: (place: Place) => Result | Promise<Result>,
    then: Then<Outcome, Result>,
  ): Result | Promise<Result> {
    const place = enter(messages, signal)
    if (!(place instanceof Promise)) return begin(place)
    meter.waiting += messages
    return place.then((own) => {
      meter.waiting -= messages
      return own === null ? then(moved()) : begin(own)
    })
  }

  function open(
    record: KafkaRecord,
    offsets: readonly number[] | null,
    signal: AbortSignal,
    attempt: number,
    place: Place | null,
    trace: CallTrace | null,
  ): CallContext {
    const context = new CallContext(handler, record, offsets, signal, attempt, trace)
    if (place !== null) places.set(context, place)
    return context
  }

  function callOne<Result>(
    message: Message,
    signal: AbortSignal,
    attempt: number,
    then: Then<Outcome, Result>,
    place: Place | null,
  ): Result | Promise<Result> {
    const { record } = message
    const trace = tracing === null ? null : tracing.begin(name, record, attempt)
    const context = open(record, null, signal, attempt, place, trace)
    return start(context, handleOne, message, checkOne, then)
  }

  async function callBatch(
    messages: readonly [Message, ...Message[]],
    signal: AbortSignal,
    attempt: number,
  ): Promise<Answers> {
    const { record } = messages[0]
    const offsets = messages.map((each) => each.record.offset)
    const begin = (place: Place | null) => {
      const trace = tracing === null ? null : tracing.beginBatch(name, messages, attempt)
      const context = open(record, offsets, signal, attempt, place, trace)
      const check: Check<Answers> = (answer, { verdict, writes }) =>
        withWritesOfBatch(checkAnswers(answer, name, verdict, messages.length), writes, offsets)
      return start<typeof messages, Answers, Answers>(context, handleBatch, messages, check, same)
    }
    return limiter === null ? begin(null) : inTurn(limiter, messages.length, signal, begin, same)
  }

  return {
    handler,
    handled: Object.freeze({ kind: 'ok', handlers: Object.freeze([name]) }),
    get reportedAfter() {
      return timeout + grace + (limiter?.waited ?? 0)
    },
    get inFlight() {
      return [...running.items, ...overdue.items, ...hanging]
    },
    call(message, signal, attempt, then) {
      if (definition.batch !== undefined) {
        return callBatch([message], signal, attempt).then((result) => then(single(result)))
      }
      if (limiter === null) return callOne(message, signal, attempt, then, null)
      const begin = (place: Place) => callOne(message, signal, attempt, then, place)
      return inTurn(limiter, 1, signal, begin, then)
    },
    callBatch,
  }
}

function same<Value>(value: Value): Value {
  return value
}

/** A promise of any library: taken for an answer, it would finish the record too early. */
function isLater(answer: unknown): answer is PromiseLike<unknown> {
  const isObject = typeof answer === 'object' && answer !== null
  return isObject && 'then' in answer && typeof answer.then === 'function'
}

function single(result: Answers): Outcome {
  return 'kind' in result ? result : (result[0] ?? OK)
}
