import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PartitionProcessor } from '../../flow/types.ts'
import { holdsOrder, type Outcome, thrown } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { WorkerAnswer } from '../protocol.ts'
import {
  DONE,
  DONE_BY,
  IN_FLIGHT,
  IN_WORDS,
  MAX_LISTS,
  SKIPPED,
  type SliceStates,
  WAITING,
} from '../slice-state.ts'
import { toWireOutcome, type WireOutcome } from '../wire.ts'

/** Milliseconds of work after which the thread processes its messages: aborts, emits. */
const TURN = 5

export interface SliceWork extends Running {
  readonly records: readonly KafkaRecord[]
  readonly states: SliceStates
  /** Part of a batch is done, which the states do not show. */
  progress(): void
}

/** How records are handled one by one. */
export interface Running {
  readonly processor: PartitionProcessor
  readonly ordered: boolean
  readonly signal: AbortSignal
  /** Maximum number of records in flight, when no order is required. */
  readonly atOnce: number
}

/** Records whose states begin at an index. */
export interface Run extends Running {
  readonly records: readonly KafkaRecord[]
  readonly first: number
  /** Whether another record may be begun. */
  mayContinue(): boolean
  /** @param seconds Duration of the attempt. */
  done(record: KafkaRecord, outcome: Outcome, seconds: number): void
}

type Told = Pick<WorkerAnswer, 'outcomes' | 'handlers'>

/**
 * Handles the records of a slice in the worker and writes its progress to memory shared with the
 * main thread. With `ordered`, handles one record after the other until one needs another attempt.
 * Rejects only if a slice processor does.
 */
export async function runSlice(work: SliceWork): Promise<Told> {
  const { processor, records, signal } = work
  const answers = createAnswers(work.states)
  const isBatch = processor.slice !== undefined && records.length > 1
  const mayContinue = () => !signal.aborted
  if (isBatch) await runBatch(work, answers)
  else await runRecords({ ...work, first: 0, mayContinue, done() {} }, answers)
  return answers
}

async function runBatch(work: SliceWork, answers: Answers): Promise<void> {
  const { processor, records, states, signal, ordered, progress } = work
  states.fill(IN_FLIGHT)
  const outcomes = (await processor.processSlice?.(records, signal, ordered, progress)) ?? []
  for (const index of records.keys()) {
    const outcome = outcomes[index] ?? 'untouched'
    if (outcome === 'untouched') Atomics.store(states, index, WAITING)
    else answers.tell(index, outcome)
  }
}

/** false: order is required, and a record needs another attempt before those after it. */
export async function runRecords(run: Run, answers: Answers): Promise<boolean> {
  const { processor, records, first, signal, ordered, done } = run
  const next = records.entries()
  let since = performance.now()
  let isCut = false

  async function goOn(): Promise<void> {
    for (const [index, record] of next) {
      if (!run.mayContinue()) return
      answers.begin(first + index)
      const started = performance.now()
      let outcome: Outcome
      try {
        const answer = processor.process(record, signal)
        outcome = answer instanceof Promise ? await answer : answer
      } catch (problem) {
        outcome = thrown(problem)
      }
      answers.tell(first + index, outcome)
      const now = performance.now()
      done(record, outcome, (now - started) / 1000)
      isCut ||= ordered && holdsOrder(outcome)
      if (isCut) return
      if (now - since < TURN) continue
      await nextTurn()
      since = performance.now()
    }
  }

  const runners = ordered ? 1 : Math.min(run.atOnce, records.length)
  await Promise.all(Array.from({ length: runners }, goOn))
  return !isCut
}

export interface Answers extends Told {
  begin(index: number): void
  tell(index: number, outcome: Outcome): void
}

/** Nearly all outcomes are ok by the same handlers: one byte encodes that. */
export function createAnswers(states: SliceStates): Answers {
  const outcomes: Array<readonly [number, WireOutcome]> = []
  const handlers: Array<readonly string[]> = []

  function stateOf(outcome: Outcome): number {
    // Whether it was read is known only in words.
    if (outcome.kind === 'skip') return outcome.unread === true ? IN_WORDS : SKIPPED
    if (outcome.kind !== 'ok') return IN_WORDS
    const { handlers: names } = outcome
    if (names === undefined) return DONE
    const known = handlers.findIndex((list) => isSame(list, names))
    if (known >= 0) return DONE_BY + known
    if (handlers.length === MAX_LISTS) return IN_WORDS
    return DONE_BY + handlers.push(names) - 1
  }

  return {
    outcomes,
    handlers,
    begin: (index) => void Atomics.store(states, index, IN_FLIGHT),
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
