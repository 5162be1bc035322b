import type { OccError } from '../../kernel/errors.ts'
import { OK, type Outcome, retry, skip } from '../../kernel/shapes/outcome.ts'
import type { WorkerAnswer } from '../protocol.ts'
import { DONE, DONE_BY, IN_FLIGHT, SKIPPED, type SliceStates, WAITING } from '../slice-state.ts'
import { fromWireOutcome } from '../wire.ts'

export type Answer = Outcome | 'untouched'

/** Only the worker knows which rule it was. */
const SKIP = skip('')

/** The answers of a slice, in the order of its records. */
export function readAnswers(states: SliceStates, answer: WorkerAnswer): Answer[] {
  const oks = answer.handlers.map((handlers): Outcome => ({ kind: 'ok', handlers }))
  const answers: Answer[] = []
  for (let index = 0; index < states.length; index++) {
    const state = states[index] ?? WAITING
    answers.push(finishedBy(state) ?? oks[state - DONE_BY] ?? 'untouched')
  }
  for (const [index, outcome] of answer.outcomes) answers[index] = fromWireOutcome(outcome)
  return answers
}

export interface Death {
  readonly error: OccError
  /** Nothing else was in flight in that worker: this record killed it. */
  readonly isSole: boolean
  /** The handlers of the partition. */
  readonly handlers: readonly string[]
}

/**
 * What is known of a slice whose worker died. Finished records stay finished. A single record in
 * flight has failed an attempt; of several it is unknown which one did, so none has.
 */
export function answersOfDead(states: SliceStates, { error, isSole, handlers }: Death): Answer[] {
  const [first = null, ...others] = handlers
  const ok: Outcome = first !== null && others.length === 0 ? { kind: 'ok', handlers } : OK
  // It is unknown whose call it was.
  const all = others.length === 0 ? {} : { deadFor: handlers.join(), failed: handlers }
  const failed: Outcome = { ...retry(error, first), ...all }
  return Array.from(states, (state) => {
    if (state >= DONE_BY) return ok
    return finishedBy(state) ?? (state === IN_FLIGHT && isSole ? failed : 'untouched')
  })
}

/**
 * What is known of records that could not be handed over, or whose answers could not be sent.
 * Finished records stay finished. A record that was alone has failed an attempt; of several it is
 * unknown which one did, so none has.
 */
export function answersOfUnhanded(states: Uint8Array<ArrayBufferLike>, error: OccError): Answer[] {
  const other = states.length === 1 ? retry(error, null) : 'untouched'
  return Array.from(states, (state) => (state >= DONE_BY ? OK : (finishedBy(state) ?? other)))
}

function finishedBy(state: number): Outcome | null {
  if (state === DONE) return OK
  return state === SKIPPED ? SKIP : null
}
