import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { RetryOutcome } from '../../kernel/outcome.ts'
import { Repeats } from '../repeats.ts'
import { type CircuitBreaker, nameOf } from './circuit-breaker.ts'

/** Of one circuit and kind in a minute: one that opens and closes all the time fills no disk. */
const MAX = 3

/** What is said of circuits. */
export class CircuitLog {
  readonly #clock: Clock
  readonly #log: Log
  readonly #repeats = new Repeats(MAX)

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  opened(circuit: CircuitBreaker, failure: RetryOutcome | null): void {
    const { failuresInRow } = circuit.status()
    const rule =
      circuit.topic === null
        ? `${nameOf(circuit)} failed ${failuresInRow} records in a row: nothing more is handed to it until one succeeds. No record is given up meanwhile.`
        : `${sentence(circuit)} to what it holds. Its partitions wait, and no record is given up until one can be decoded; one is tried now and then.`
    const line = this.#next('opened', circuit)
    if (line === null) return
    const fields = { ...line.subject, code: failure?.error.code }
    this.#log.error(
      { event: 'circuit.opened', ...fields },
      `${rule}${line.again} The last error: ${failure?.error.message}`,
    )
  }

  stillOpen(circuit: CircuitBreaker, failure: RetryOutcome | null): void {
    // What was said at its opening is enough for a while.
    if (this.#seconds(circuit) < 60) return
    const { failedProbes: probes } = circuit
    const line = this.#next('still-open', circuit)
    if (line === null) return
    const what = circuit.topic === null ? 'fails' : 'fails, and its partitions wait'
    this.#log.warn(
      { event: 'circuit.still-open', ...line.subject, code: failure?.error.code, probes },
      `${nameOf(circuit)} still ${what}, for ${this.#seconds(circuit)} s and ${probes} probes. The last error: ${failure?.error.message}`,
    )
  }

  /** Before it is closed. */
  closes(circuit: CircuitBreaker): void {
    const seconds = this.#seconds(circuit)
    const line = this.#next('closed', circuit)
    if (line === null) return
    this.#log.info(
      { event: 'circuit.closed', ...line.subject, seconds },
      `${nameOf(circuit)} works again, after ${seconds} s; its records are handed over.${line.again}`,
    )
  }

  /** null: there were enough lines of this kind about it for now. */
  #next(kind: string, { handler, topic }: CircuitBreaker) {
    const left = this.#repeats.next(`${kind} ${handler} ${topic}`, this.#clock.monotonic())
    if (left === null) return null
    const again = left === 0 ? '' : ` (${left} times more since that was said last.)`
    return { again, subject: topic === null ? { handler } : { topic } }
  }

  #seconds({ openedAt }: CircuitBreaker): number {
    return Math.round((this.#clock.now() - (openedAt ?? 0)) / 1000)
  }
}

function sentence(circuit: CircuitBreaker): string {
  const { problem } = circuit.status()
  return problem === null ? '' : `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`
}
