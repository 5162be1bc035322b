import { stackOf } from '../../kernel/error-stack.ts'
import type { Log } from '../../kernel/log.ts'
import type { RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import { type CircuitBreaker, nameOf } from './circuit-breaker.ts'

/** Lines a minute for each circuit and kind, so that a flapping circuit does not flood the log. */
const MAX_CHANGES = 3
const MAX_STILL_OPEN = 1

/** Logs what happens to circuits. */
export class CircuitLog {
  readonly #clock: Clock
  readonly #log: Log
  readonly #changes = new Repeats(MAX_CHANGES)
  readonly #stillOpen = new Repeats(MAX_STILL_OPEN)

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  opened(circuit: CircuitBreaker, { error }: RetryOutcome): void {
    const { failuresInRow } = circuit.status()
    const rule =
      circuit.topic === null
        ? `${nameOf(circuit)} failed ${failuresInRow} records in a row: nothing more is handed to it until one succeeds. No record is given up meanwhile.`
        : `${sentence(circuit)} to its actual format. Its partitions wait, and no record is given up until one can be decoded. Probes continue.`
    const line = this.#next('opened', circuit, this.#changes)
    if (line === null) return
    this.#log.error(
      {
        event: 'circuit.opened',
        ...line.subject,
        code: error.code,
        stack: stackOf(error) ?? undefined,
      },
      `${rule}${line.again} Last error: ${error.message}`,
    )
  }

  /** @param failure null: the probe has no answer. */
  stillOpen(circuit: CircuitBreaker, failure: RetryOutcome | null): void {
    // The line logged when it opened is enough for the first minute.
    if (this.#seconds(circuit) < 60) return
    const { failedProbes: probes } = circuit
    const line = this.#next('still-open', circuit, this.#stillOpen)
    if (line === null) return
    const what = circuit.topic === null ? 'fails' : 'fails, and its partitions wait'
    const last = failure === null ? '' : ` Last error: ${failure.error.message}`
    this.#log.warn(
      { event: 'circuit.still-open', ...line.subject, code: failure?.error.code, probes },
      `${nameOf(circuit)} still ${what}, for ${this.#seconds(circuit)} s and ${probes} probes.${last}`,
    )
  }

  /** Called just before the circuit closes. */
  closes(circuit: CircuitBreaker): void {
    const seconds = this.#seconds(circuit)
    const line = this.#next('closed', circuit, this.#changes)
    if (line === null) return
    this.#log.info(
      { event: 'circuit.closed', ...line.subject, seconds },
      `${nameOf(circuit)} works again, after ${seconds} s; its records are handed over.${line.again}`,
    )
  }

  /** null: the limit for lines of this kind is reached. */
  #next(kind: string, { handler, topic }: CircuitBreaker, repeats: Repeats) {
    const left = repeats.next(`${kind} ${handler} ${topic}`, this.#clock.monotonic())
    if (left === null) return null
    const again = left === 0 ? '' : ` (${left} more times since the last such line.)`
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
