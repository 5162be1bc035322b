import { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { isMine, wasCommitted } from './judge.ts'
import type { Line } from './line.ts'
import { type QueueLimits, SubmissionQueue, type Waiting } from './queue.ts'
import { type Submission, transactionOf } from './submission.ts'
import type { Move, TransactionTarget } from './types.ts'

export interface TransactionsMeter {
  /** @param result `doubt`: the answer to the commit was lost. */
  ended(result: 'ok' | 'refused' | 'failed' | 'fenced' | 'doubt', seconds: number): void
  /** The queue was full for so long, and is not any more. */
  wasFull(seconds: number): void
}

/** Milliseconds between two looks at a commit whose answer was lost. */
const PAUSE = 100
const MAX_PAUSE = 2_000

/**
 * Writes what finishes records, of all partitions of a unit together, each transaction with the
 * offsets that it makes true. A record counts as finished once its transaction is committed.
 */
export class Transactions {
  readonly #target: TransactionTarget
  readonly #meter: TransactionsMeter
  readonly #queue: SubmissionQueue
  readonly #writers: number
  readonly #busy = new Set<Line>()
  #running = 0
  #timer: NodeJS.Timeout | null = null
  readonly #closing = new AbortController()

  constructor(target: TransactionTarget, limits: QueueLimits, meter: TransactionsMeter) {
    this.#target = target
    this.#queue = new SubmissionQueue(limits, (seconds) => meter.wasFull(seconds))
    this.#writers = limits.writers
    this.#meter = meter
  }

  /**
   * Resolves when it is committed. Rejects with OCC_EMIT_ROW if the database refuses something of
   * it, with OCC_OFFSETS_FENCED if the partition has another owner, otherwise with a retriable
   * error; then nothing of it is written.
   */
  write(submission: Submission): Promise<void> {
    const done = this.#queue.add(submission)
    this.#begin()
    return done
  }

  /** What waits: while it is not open, handlers need not make more. */
  get queue(): Pick<SubmissionQueue, 'open' | 'whenOpen'> {
    return this.#queue
  }

  /** Writes how far the partition is, if the store does not have that. Rejects as `write` does. */
  async advance(line: Line): Promise<void> {
    if (line.isOver) throw fenced(line)
    if (!line.isDue) return
    const { lastTimestamp: recordTime } = line.progress
    await this.write({ line, offsets: [], writes: [], recordTime })
  }

  /** Begins nothing more, and waits for no answer. */
  close(): void {
    this.#closing.abort()
    this.#stopWaiting()
    for (const { done, line } of this.#queue.takeAll()) done.reject(fenced(line))
  }

  #begin(): void {
    while (this.#running < this.#writers) {
      const wait = this.#queue.remaining(this.#busy)
      if (wait === null) return
      if (wait > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = null
          this.#begin()
        }, wait)
        return
      }
      this.#stopWaiting()
      void this.#runNext(this.#queue.take(this.#busy))
    }
  }

  async #runNext(taken: readonly Waiting[]): Promise<void> {
    const lines = new Set(taken.map(({ line }) => line))
    for (const line of lines) this.#busy.add(line)
    this.#running += 1
    try {
      await this.#commit(taken)
    } catch (error) {
      // A bug: nothing may look as if it were written.
      for (const { done } of taken) done.reject(error)
    } finally {
      for (const line of lines) this.#busy.delete(line)
      this.#running -= 1
      this.#begin()
    }
  }

  /** Settles each of them. */
  async #commit(all: readonly Waiting[]): Promise<void> {
    const { live: waiting, over } = Object.groupBy(all, ({ line }) =>
      line.isOver ? 'over' : 'live',
    )
    for (const { done, line } of over ?? []) done.reject(fenced(line))
    if (waiting === undefined) return
    const transaction = transactionOf(waiting)
    const { moves } = transaction
    let isInDoubt = false
    for (let pause = PAUSE; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
      const started = performance.now()
      const result = await this.#target.run(transaction)
      const ended = (what: Parameters<TransactionsMeter['ended']>[0]) =>
        this.#meter.ended(what, (performance.now() - started) / 1000)
      switch (result.kind) {
        case 'committed':
          ended('ok')
          return succeed(waiting, moves)
        case 'mismatch': {
          // The same transaction has moved all of its rows already, or none.
          if (isInDoubt && moves.some((move, index) => wasCommitted(move, result.found[index]))) {
            ended('ok')
            return succeed(waiting, moves)
          }
          ended('fenced')
          const lost = moves.filter((move, index) => !isMine(move, result.found[index]))
          for (const { line } of waiting) {
            if (lost.some(({ claim }) => claim === line.claim)) line.fence()
          }
          // The others again, without them.
          return this.#commit(waiting)
        }
        case 'refused':
          ended('refused')
          return this.#halve(waiting, result.error)
        case 'doubt':
          ended('doubt')
          isInDoubt = true
          break
        case 'failed':
          ended('failed')
          if (isInDoubt) break
          if (result.ofPart === true) return this.#halve(waiting, result.error)
          return this.#fail(waiting, result.error)
      }
      // Running it again decides: it finds its rows moved, or moves them. Meanwhile the partitions
      // wait, because nobody knows where they are.
      await sleep(pause, this.#closing.signal)
      if (this.#closing.signal.aborted || waiting.every(({ line }) => line.isOver)) {
        for (const { done, line } of waiting) done.reject(fenced(line))
        return
      }
    }
  }

  /** Until the submission is found that cannot be written: the others must not fail with it. */
  async #halve(waiting: readonly Waiting[], error: OccError): Promise<void> {
    const [only] = waiting
    if (waiting.length === 1 && only !== undefined) return only.done.reject(error)
    const middle = Math.ceil(waiting.length / 2)
    await this.#commit(waiting.slice(0, middle))
    await this.#commit(waiting.slice(middle))
  }

  /** Every other transaction would wait for the same database. */
  #fail(waiting: readonly Waiting[], error: OccError): void {
    for (const { done } of [...waiting, ...this.#queue.takeAll()]) done.reject(error)
    this.#stopWaiting()
  }

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

function succeed(waiting: readonly Waiting[], moves: readonly Move[]): void {
  const offsets = Map.groupBy(waiting, ({ line }) => line.claim)
  for (const move of moves) {
    const own = offsets.get(move.claim) ?? []
    own[0]?.line.committed(
      move,
      own.flatMap((each) => each.offsets),
    )
  }
  for (const { done } of waiting) done.resolve()
}

export function fenced({ claim: { topic, partition, epoch } }: Pick<Line, 'claim'>): OccError {
  return new OccError(
    'OCC_OFFSETS_FENCED',
    `${topic} partition ${partition} has another owner (this was epoch ${epoch}). Nothing was written; its owner handles the records.`,
    { retriable: true },
  )
}
