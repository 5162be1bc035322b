import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { RetryOutcome } from '../kernel/outcome.ts'
import { type Circuit, nameOf } from './circuit.ts'
import { Repeats } from './repeats.ts'

/** Of one circuit and kind in a minute: one that opens and closes all the time fills no disk. */
const MOST = 3

/** What is said of circuits. */
export class CircuitLog {
  readonly #clock: Clock
  readonly #log: Log
  readonly #repeats = new Repeats(MOST)

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  opened(circuit: Circuit, failure: RetryOutcome | null): void {
    const { failuresInRow } = circuit.status()
    const rule =
      circuit.topic === null
        ? `${nameOf(circuit)} failed ${failuresInRow} records in a row: nothing more is handed to it until one succeeds. No record is given up meanwhile.`
        : `${sentence(circuit)} to what it holds. Its partitions wait, and no record is given up until one can be decoded; one is tried now and then.`
    this.#say('error', 'opened', circuit, { code: failure?.error.code }, (again) => {
      return `${rule}${again} The last error: ${failure?.error.message}`
    })
  }

  stillOpen(circuit: Circuit, failure: RetryOutcome | null): void {
    // What was said at its opening is enough for a while.
    if (this.#seconds(circuit) < 60) return
    const { failedProbes: probes } = circuit
    const fields = { code: failure?.error.code, probes }
    this.#say('warn', 'still-open', circuit, fields, () => {
      const what = circuit.topic === null ? 'fails' : 'fails, and its partitions wait'
      return `${nameOf(circuit)} still ${what}, for ${this.#seconds(circuit)} s and ${probes} probes. The last error: ${failure?.error.message}`
    })
  }

  /** Before it is closed. */
  closes(circuit: Circuit): void {
    const seconds = this.#seconds(circuit)
    this.#say('info', 'closed', circuit, { seconds }, (again) => {
      return `${nameOf(circuit)} works again, after ${seconds} s; its records are handed over.${again}`
    })
  }

  #say(
    level: 'info' | 'warn' | 'error',
    kind: string,
    circuit: Circuit,
    fields: object,
    text: (again: string) => string,
  ): void {
    const { handler, topic } = circuit
    const left = this.#repeats.next(`${kind} ${handler} ${topic}`, this.#clock.monotonic())
    if (left === null) return
    const again = left === 0 ? '' : ` (${left} times more since that was said last.)`
    const subject = topic === null ? { handler } : { topic }
    this.#log[level]({ event: `circuit.${kind}`, ...subject, ...fields }, text(again))
  }

  #seconds({ openedAt }: Circuit): number {
    return Math.round((this.#clock.now() - (openedAt ?? 0)) / 1000)
  }
}

function sentence(circuit: Circuit): string {
  const { problem } = circuit.status()
  return problem === null ? '' : `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`
}
