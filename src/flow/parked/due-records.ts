import type { RecordWriter } from '../../handle/write/write-round.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import { sleep, withDeadline } from '../../kernel/lifecycle.ts'
import { type Outcome, thrown } from '../../kernel/shapes/outcome.ts'
import type { ParkedStatus } from '../../kernel/shapes/parked.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import type { ParkedResult } from '../../observe/types.ts'
import type { ClaimedRecord } from '../../sink/postgres/parked/types.ts'
import { countLetter } from '../count-letter.ts'
import { judgeDue, type Verdict } from './judge-due.ts'
import { type Running, RunningRecords } from './running-records.ts'
import type { DueOptions, DueParts } from './types.ts'

/** Milliseconds between two counts of all parked records. */
const COUNT_EVERY = 10_000
/** Milliseconds in which records that end together make room for one claim. */
const GATHER = 5
const BACKOFF = 250
const BACKOFF_LIMIT = 10_000
const MAX_LINES = 1

/**
 * Handles the parked records of one group that are due, whoever has their partitions. A record is
 * claimed for the time of a lease, so only one process has it; the lease is kept up while its
 * handler works. Each gets one attempt whenever it is due.
 */
export class DueRecords {
  readonly #options: DueOptions
  readonly #parts: DueParts
  readonly #stopping = new AbortController()
  readonly #running: RunningRecords
  readonly #repeats = new Repeats(MAX_LINES)
  #looking: Promise<void> = Promise.resolve()
  #timers: NodeJS.Timeout[] = []
  #status: ParkedStatus | null = null

  constructor(options: DueOptions, parts: DueParts) {
    this.#options = options
    this.#parts = parts
    this.#running = new RunningRecords(options.concurrency, parts.log)
  }

  start(): void {
    const { lease } = this.#options
    this.#looking = this.#look()
    this.#timers = [
      setInterval(() => {
        this.#running.reportStuck()
        void this.#renew()
      }, lease / 3),
      setInterval(() => void this.#recount(), COUNT_EVERY),
    ]
    void this.#recount()
  }

  /** null: not known yet. */
  get status(): ParkedStatus | null {
    return this.#status
  }

  /**
   * Claims nothing more. Waits for what is being handled, at most this many milliseconds; what is not
   * done by then is handled again once its lease is over.
   */
  async stop(deadline: number): Promise<void> {
    this.#stopping.abort()
    const until = performance.now() + deadline
    // A database that does not answer must not hold what else there is to stop.
    await withDeadline(this.#looking, deadline, 'The last claim').catch(() => {})
    while (this.#running.size > 0 && performance.now() < until) {
      await this.#running.next('freed', this.#running.times, until - performance.now())
    }
    this.#running.abort()
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #look(): Promise<void> {
    const { poll } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const { free, times } = this.#running
      const claimed = free > 0 ? await this.#claim(free) : []
      if (signal.aborted) await this.#giveBack(claimed)
      else for (const one of claimed) void this.#handle(one)
      const next = claimed.length < free ? 'unheld' : 'freed'
      await this.#running.next(next, times, poll, signal)
      if (this.#running.times[next] > times[next]) await sleep(GATHER, signal)
    }
  }

  /** Nobody has seen them: another process need not wait for their leases. */
  async #giveBack(claimed: readonly ClaimedRecord[]): Promise<void> {
    await Promise.allSettled(claimed.map((one) => this.#parts.store.release(one)))
  }

  async #claim(most: number): Promise<readonly ClaimedRecord[]> {
    const heldBack = this.#parts.heldBack()
    if (heldBack === null) return []
    try {
      return await this.#parts.store.claim(most, heldBack)
    } catch (error) {
      this.#failed(error)
      return []
    }
  }

  async #handle(claimed: ClaimedRecord): Promise<void> {
    const running = this.#running.begin(claimed)
    const { signal } = running.controller
    try {
      const { outcome, isWritten } = await this.#attempt(claimed, running)
      // Its handler has answered; what it waits for now is the database.
      running.stuckAfter = () => Number.POSITIVE_INFINITY
      if (!signal.aborted) await this.#settle(claimed, outcome, isWritten, signal)
    } finally {
      this.#running.ended(claimed)
    }
  }

  /** `isWritten`: its claim was ended with what its handlers emitted. */
  async #attempt(
    claimed: ClaimedRecord,
    running: Running,
  ): Promise<{ outcome: Outcome; isWritten: boolean }> {
    const { store, openProcessor } = this.#parts
    const { record, due } = claimed
    const { topic, partition } = record
    let isWritten = false
    try {
      const writer = store.writer(claimed)
      const noted = writer && {
        async write(...what: Parameters<RecordWriter['write']>) {
          await writer.write(...what)
          isWritten = true
        },
      }
      const processor = openProcessor({ topic, partition, parked: due }, noted)
      running.stuckAfter = () => processor.stuckAfter
      running.handlers = () => processor.handling?.(record) ?? []
      const outcome = await processor.process(record, running.controller.signal)
      return { outcome, isWritten }
    } catch (problem) {
      return { outcome: thrown(problem), isWritten }
    }
  }

  async #settle(
    claimed: ClaimedRecord,
    outcome: Outcome,
    isWritten: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { meters, heldBack } = this.#parts
    const names = outcome.kind === 'retry' ? (outcome.failed ?? [outcome.handler ?? '']) : []
    const isDown = names.some((name) => heldBack()?.handlers.includes(name))
    const verdict = judgeDue(claimed, outcome, this.#options, isDown)
    const result = await this.#untilWritten(claimed, verdict, isWritten, signal)
    if (result === null) return
    meters.topic(claimed.record.topic).parkedAttempts[result] += 1
    if (result === 'dead' && verdict.kind === 'dead') countLetter(meters, verdict.letter)
  }

  /**
   * Never rejects. null: no result counts any more.
   * @param isWritten as of `#attempt`
   */
  async #untilWritten(
    claimed: ClaimedRecord,
    verdict: Verdict,
    isWritten: boolean,
    signal: AbortSignal,
  ): Promise<ParkedResult | null> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        if (!isWritten) await this.#write(claimed, verdict)
        return verdict.kind
      } catch (error) {
        if (codeOf(error) === 'OCC_PARKED_FENCED') return 'lost'
        this.#failed(error)
        await sleep(Math.min(BACKOFF * 2 ** attempt, BACKOFF_LIMIT), signal)
      }
    }
    return null
  }

  async #write(claimed: ClaimedRecord, verdict: Verdict): Promise<void> {
    const { store, now, log } = this.#parts
    switch (verdict.kind) {
      case 'ok':
      case 'skip':
        return store.end(claimed)
      case 'again':
        return store.again(claimed, verdict.how, verdict.writes)
      case 'dead': {
        const { letter, writes } = verdict
        await store.letter(claimed, { ...letter, failedAt: now() }, writes)
        const { topic, partition, offset } = letter.record
        const { error, handler, attempts } = letter
        this.#repeats.say(`dead ${topic} ${error.code}`, performance.now(), (again) =>
          log.error(
            {
              ...{ event: 'record.failed', topic, partition, offset },
              code: error.code,
              handler,
              attempts,
            },
            `It was parked, and is given up: ${error.message}${again}`,
          ),
        )
      }
    }
  }

  async #renew(): Promise<void> {
    const all = this.#running.claimed
    if (all.length === 0) return
    try {
      this.#running.keepOnly(all, await this.#parts.store.renew(all))
    } catch (error) {
      this.#failed(error)
    }
  }

  async #recount(): Promise<void> {
    try {
      const count = await this.#parts.store.count()
      this.#status = { ...count, countedAt: this.#parts.now() }
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const { meters, log } = this.#parts
    const code = codeOf(error)
    meters.countError('sink', code)
    this.#repeats.say(code, performance.now(), (again) =>
      log.error(
        { event: 'parked.not-read', code },
        `Parked records wait: ${messageOf(error)}${again}`,
      ),
    )
  }
}
