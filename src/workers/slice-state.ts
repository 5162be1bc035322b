/**
 * What a worker has done with each record of a slice: one byte per record in memory shared by both
 * threads. If the worker dies, it is still known which records were finished and which in flight.
 */
export type SliceStates = Uint8Array<SharedArrayBuffer>

/** Not begun. */
export const WAITING = 0
export const IN_FLIGHT = 1
/** The outcome is in the answer. */
export const IN_WORDS = 2
/** ok, without a named handler. */
export const DONE = 3
/** Skipped by a rule, once it was read. */
export const SKIPPED = 4
/** ok, by the first list of handlers in the answer; the next value means the second list, etc. */
export const DONE_BY = 5
/** Maximum number of handler lists in an answer; outcomes with further ones are sent in full. */
export const MAX_LISTS = 200

export function createStates(records: number): SliceStates {
  return new Uint8Array(new SharedArrayBuffer(records))
}

/** How many records have been begun, and how many of them are in flight. */
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
