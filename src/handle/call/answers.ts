import { messageOf, OccError, toOccError, UNREADABLE } from '../../kernel/errors.ts'
import {
  dead,
  type LaterOutcome,
  OK,
  type Outcome,
  type RetryOutcome,
  retry,
} from '../../kernel/shapes/outcome.ts'
import { isParkingTime } from '../../kernel/shapes/parked.ts'
import { classify } from './classify.ts'

/** The outcome of an error that a handler threw. It is not final: the flow decides what follows. */
export function outcomeOf(error: unknown, handler: string): RetryOutcome {
  const { fault, after } = classify(error)
  return { ...retry(coded(error, handler, fault !== 'record'), handler, after), fault }
}

/** Never throws: a call ends whatever its handler threw. */
function coded(error: unknown, handler: string, retriable: boolean): OccError {
  const failed = `The handler ${handler} failed: `
  try {
    return toOccError(error, 'OCC_HANDLER', { message: failed + described(error), retriable })
  } catch (problem) {
    const message = `${failed}${UNREADABLE} (${messageOf(problem)})`
    return new OccError('OCC_HANDLER', message, { retriable })
  }
}

/**
 * Includes the class of the error, which helps to find its cause: `TypeError: x is not a function`.
 */
function described(error: unknown): string {
  const isPlain = !(error instanceof Error) || error.name === 'Error'
  const text = isPlain ? messageOf(error) : `${error.name}: ${messageOf(error)}`
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? `${text} (${messageOf(cause)})` : text
}

/**
 * The answer of a handler, which may be untyped, as an outcome. undefined becomes `verdict`, or ok.
 * Anything else is an error, because taking it for ok could hide one.
 */
export function checkAnswer(answer: unknown, handler: string, verdict: Outcome | null): Outcome {
  if (answer === undefined) return verdict ?? OK
  if (typeof answer === 'object' && answer !== null && 'kind' in answer) {
    const outcome = answer as Outcome
    switch (outcome.kind) {
      case 'ok':
      case 'skip':
        return outcome
      case 'later':
        // One that a handler made itself may lack what the table of parked records needs.
        if (!isParkable(outcome)) break
        return { ...outcome, handler }
      case 'dead':
        return dead(coded(outcome.error, handler, false), handler)
      case 'retry':
        if (!(outcome.error instanceof OccError)) return outcomeOf(outcome.error, handler)
        return outcome.handler === handler ? outcome : { ...outcome, handler }
    }
  }
  return wrongAnswer(answer, handler)
}

function isParkable({ after, reason }: LaterOutcome): boolean {
  return isParkingTime(after) && typeof reason === 'string'
}

function wrongAnswer(answer: unknown, handler: string): Outcome {
  const shown = answer === null ? 'null' : Array.isArray(answer) ? 'a list' : typeof answer
  return mistaken(
    `The handler ${handler} answered ${shown}: return nothing, or the result of context.skip, context.dead, context.retry or context.later.`,
    handler,
  )
}

/**
 * Treated like any programming error, so that a handler that always makes it does not send the
 * whole stream to the dead letters.
 */
function mistaken(text: string, handler: string): Outcome {
  return { ...retry(new OccError('OCC_HANDLER_ANSWER', text), handler), fault: 'record' }
}

/** The answers for a batch: one for all messages, or a list with one for each. */
export function checkAnswers(
  answer: unknown,
  handler: string,
  verdict: Outcome | null,
  size: number,
): Outcome | readonly Outcome[] {
  if (!Array.isArray(answer)) return checkAnswer(answer, handler, verdict)
  // Array.from, because map skips the holes of a sparse list.
  if (answer.length === size) {
    return Array.from(answer, (each) => checkAnswer(each, handler, null))
  }
  return mistaken(
    `The handler ${handler} answered a list of ${answer.length} for a batch of ${size} messages: return one for each, or nothing.`,
    handler,
  )
}

/**
 * Nothing is begun once the partition may belong to another process. Nobody waits for this answer.
 */
export function moved(): Outcome {
  const text = 'The partition has moved, or the process ends.'
  return retry(new OccError('OCC_HANDLER_ABORTED', text, { retriable: true }), null)
}
