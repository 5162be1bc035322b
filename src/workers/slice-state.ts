/**
 * What a worker has done with each record of a slice, one byte a record in memory that both threads
 * see: when the worker dies, it is still known what it had finished and what it had in hand.
 */
export type SliceStates = Uint8Array<SharedArrayBuffer>

/** Not begun. */
export const WAITING = 0
export const IN_FLIGHT = 1
/** The outcome is told in the answer. */
export const IN_WORDS = 2
/** ok, by nobody by name. */
export const DONE = 3
/** Left out by a rule. */
export const SKIPPED = 4
/** ok, by the first list of handlers of the answer; the next by the second, and so on. */
export const DONE_BY = 5
/** Most lists of handlers in an answer; further ones are told in words. */
export const MAX_LISTS = 200

export function createStates(records: number): SliceStates {
  return new Uint8Array(new SharedArrayBuffer(records))
}

/** How many have been begun, and how many of them are still in hand. */
export function countStates(states: SliceStates): { begun: number; inFlight: number } {
  let begun = 0
  let inFlight = 0
  for (let index = 0; index < states.length; index++) {
    const state = Atomics.load(states, index)
    if (state !== WAITING) begun += 1
    if (state === IN_FLIGHT) inFlight += 1
  }
  return { begun, inFlight }
}
