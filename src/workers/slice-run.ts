import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PartitionProcessor } from '../flow/types.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import type { SliceAnswer } from './protocol.ts'
import {
  DONE,
  DONE_BY,
  IN_HAND,
  IN_WORDS,
  MOST_LISTS,
  type SliceStates,
  WAITING,
} from './slice-state.ts'
import { toWireOutcome, type WireOutcome } from './wire.ts'

/** Milliseconds of work after which the thread hears its messages: aborts, emits. */
const TURN = 5

export interface SliceWork {
  readonly processor: PartitionProcessor
  readonly records: readonly KafkaRecord[]
  readonly states: SliceStates
  readonly ordered: boolean
  readonly signal: AbortSignal
  /** Most records in hand where no order is asked for. */
  readonly atOnce: number
  /** A part of a batch is done, of which the states say nothing. */
  progress(): void
}

type Answers = Pick<SliceAnswer, 'outcomes' | 'handlers'>

/**
 * Handles the records of a slice in the worker, and writes down how far it is where the main thread
 * sees it. With `ordered` one after the other, until one needs another attempt. Never rejects.
 */
export async function runSlice(work: SliceWork): Promise<Answers> {
  const { processor, records } = work
  const answers = createAnswers(work.states)
  const isBatch = processor.slice !== undefined && records.length > 1
  if (isBatch) await runBatch(work, answers)
  else await runRecords(work, answers)
  return answers
}

async function runBatch(work: SliceWork, answers: SliceAnswers): Promise<void> {
  const { processor, records, states, signal, ordered, progress } = work
  states.fill(IN_HAND)
  const outcomes = (await processor.processSlice?.(records, signal, ordered, progress)) ?? []
  for (const index of records.keys()) {
    const outcome = outcomes[index] ?? 'untouched'
    if (outcome === 'untouched') Atomics.store(states, index, WAITING)
    else answers.tell(index, outcome)
  }
}

async function runRecords(work: SliceWork, answers: SliceAnswers): Promise<void> {
  const { processor, records, states, signal, ordered } = work
  const next = records.entries()
  let since = performance.now()
  let isCut = false

  async function run(): Promise<void> {
    for (const [index, record] of next) {
      if (signal.aborted) return
      Atomics.store(states, index, IN_HAND)
      const answer = processor.process(record, signal)
      const outcome = answer instanceof Promise ? await answer : answer
      answers.tell(index, outcome)
      isCut ||= ordered && outcome.kind === 'retry'
      if (isCut) return
      if (performance.now() - since < TURN) continue
      await nextTurn()
      since = performance.now()
    }
  }

  const runners = ordered ? 1 : Math.min(work.atOnce, records.length)
  await Promise.all(Array.from({ length: runners }, run))
}

interface SliceAnswers extends Answers {
  tell(index: number, outcome: Outcome): void
}

/** Nearly all outcomes are ok by the same handlers: one byte tells it. */
function createAnswers(states: SliceStates): SliceAnswers {
  const outcomes: Array<readonly [number, WireOutcome]> = []
  const handlers: Array<readonly string[]> = []

  function stateOf(outcome: Outcome): number {
    if (outcome.kind !== 'ok') return IN_WORDS
    const { handlers: names } = outcome
    if (names === undefined) return DONE
    const known = handlers.findIndex((list) => isSame(list, names))
    if (known >= 0) return DONE_BY + known
    if (handlers.length === MOST_LISTS) return IN_WORDS
    return DONE_BY + handlers.push(names) - 1
  }

  return {
    outcomes,
    handlers,
    tell(index, outcome) {
      const state = stateOf(outcome)
      if (state === IN_WORDS) outcomes.push([index, toWireOutcome(outcome)])
      Atomics.store(states, index, state)
    },
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}
