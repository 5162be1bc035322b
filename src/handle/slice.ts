import type { Message } from '../decode/types.ts'
import { keptIn } from '../kernel/kept-in.ts'
import { isShared } from '../kernel/shapes/held-write.ts'
import { holdsOrder, type Outcome } from '../kernel/shapes/outcome.ts'
import { withOne } from '../kernel/with-one.ts'
import type { AttemptLedger, Prepared } from './attempt-ledger.ts'
import { type RoundOptions, runBatches } from './call/batch-run.ts'
import { counted, type Result } from './call/combine.ts'
import type { HandlerInvoker } from './call/invoker.ts'
import { isOutcome } from './select/selection.ts'
import type { Candidate } from './write/units.ts'
import { type NotWritten, type RecordWriter, writeRound } from './write/write-round.ts'

type Answer = Outcome | 'untouched'

interface Work {
  /** Position in the round. */
  readonly index: number
  readonly message: Message
  readonly attempt: number
  /** A batch of its own. */
  readonly alone: boolean
}

export interface WrittenRound extends RoundOptions {
  /** Absent: sinks write by themselves. */
  readonly writer?: RecordWriter | null
}

/**
 * One attempt at several records that share no event. Each handler works through them
 * independently, in order; batch handlers get batches. A record is finished when all its handlers
 * are. With `ordered`, no record behind one that needs another attempt is finished, but what its
 * handlers did is remembered. Never rejects.
 */
export async function runRound(
  ledger: AttemptLedger,
  round: ReadonlyArray<Prepared | Outcome>,
  options: WrittenRound,
): Promise<readonly Answer[]> {
  const { ordered } = options
  const work = workOf(ledger, round)
  const results: Array<Result[] | undefined> = new Array(round.length)
  const untouched = new Set<number>()
  await Promise.all(
    [...work].map(async ([invoker, items]) => {
      const answers = await runHandler(invoker, items, options)
      items.forEach(({ index }, position) => {
        const answer = answers[position] ?? 'untouched'
        if (answer === 'untouched') untouched.add(index)
        else results[index] = withOne(results[index], counted(invoker, answer))
      })
    }),
  )
  const ended = round.map((prepared, index) =>
    isOutcome(prepared) ? prepared : endedWith(ledger, prepared, results[index]),
  )
  const left = await write(ended, untouched, options)
  let isCut = false
  return ended.map((one, index) => {
    if (isOutcome(one)) return isCut ? 'untouched' : ledger.passed(one)
    const { prepared, results: all } = one
    const problem = left.get(index)
    if (problem === 'alone') ledger.setAlone(prepared.record)
    if (isCut || untouched.has(index) || typeof problem === 'string') {
      ledger.leave(prepared, all)
      isCut ||= ordered
      return 'untouched'
    }
    const outcome =
      problem === undefined
        ? ledger.close(prepared, all, one.outcome)
        : ledger.closeUnwritten(prepared, all, problem.error)
    isCut ||= ordered && holdsOrder(outcome)
    return outcome
  })
}

/** What came of one record of a round. */
interface Ended {
  readonly prepared: Prepared
  readonly results: readonly Result[]
  readonly outcome: Outcome
}

function endedWith(ledger: AttemptLedger, prepared: Prepared, called: Result[] = []): Ended {
  const isCalled = called.length === prepared.offers.length
  const results = isCalled ? called : [...notCalled(prepared), ...called]
  return { prepared, results, outcome: ledger.outcomeOf(prepared, results) }
}

/**
 * Writes what the handlers of a round emitted, for the records that are finished with it. Returns
 * those that are not written, by position.
 */
async function write(
  ended: ReadonlyArray<Ended | Outcome>,
  untouched: ReadonlySet<number>,
  { ordered, writer }: WrittenRound,
): Promise<ReadonlyMap<number, NotWritten>> {
  const left = new Map<number, NotWritten>()
  if (writer === undefined || writer === null) return left
  const candidates: Candidate[] = []
  for (let index = 0; index < ended.length; index++) {
    const one = ended[index]
    if (one === undefined || isOutcome(one)) continue
    const { prepared, outcome } = one
    const writes = outcome.writes ?? []
    const isOver = outcome.kind === 'ok' || outcome.kind === 'skip'
    // It is not finished now, so what it shares with others cannot be written for them.
    const isTorn = !isOver && writes.some(isShared)
    if (isTorn) left.set(index, 'alone')
    if (ordered && (untouched.has(index) || isTorn || holdsOrder(outcome))) break
    if (isOver && !untouched.has(index) && writes.length > 0) {
      candidates.push({ index, record: prepared.record, writes })
    }
  }
  if (candidates.length === 0) return left
  for (const [index, why] of await writeRound(writer, candidates, ordered)) left.set(index, why)
  return left
}

function workOf(
  ledger: AttemptLedger,
  round: ReadonlyArray<Prepared | Outcome>,
): Map<HandlerInvoker, Work[]> {
  const work = new Map<HandlerInvoker, Work[]>()
  const none = (): Work[] => []
  round.forEach((prepared, index) => {
    if (isOutcome(prepared)) return
    const { attempt, record } = prepared
    const alone = ledger.isAlone(record)
    for (const [invoker, offered] of prepared.offers) {
      if (isOutcome(offered)) continue
      keptIn(work, invoker, none).push({ index, message: offered, attempt, alone })
    }
  })
  return work
}

function notCalled({ offers }: Prepared): Result[] {
  return offers.flatMap(([invoker, offered]) =>
    isOutcome(offered) ? [{ invoker, outcome: offered, called: false }] : [],
  )
}

async function runHandler(
  invoker: HandlerInvoker,
  items: readonly Work[],
  options: RoundOptions,
): Promise<readonly Answer[]> {
  const { batch } = invoker.handler.definition
  if (batch !== undefined) return runBatches(invoker, batch.size, items, options)
  const { signal, ordered, progress } = options
  const call = ({ message, attempt }: Work) =>
    invoker.call(message, signal, attempt, (answer) => {
      progress()
      return answer
    })
  if (!ordered) return Promise.all(items.map(call))
  const answers: Answer[] = []
  for (const item of items) {
    // The partition has moved; its new owner handles the rest.
    if (signal.aborted) break
    const answer = await call(item)
    answers.push(answer)
    if (answer.kind === 'retry') break
  }
  return answers
}
