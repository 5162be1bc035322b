import { messageOf, OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import { type BegunPartition, findStartOffsets, type StartOffsetsParts } from './start-offsets.ts'

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000

interface Run {
  /** The brokers have answered once: what has not begun since waits for a leader that is away. */
  hasLooked: boolean
}

export interface StartingEvents {
  owns(partition: TopicPartition): boolean
  /** It is known where these begin. */
  ready(partitions: readonly BegunPartition[]): void
  /** Where this one begins is not to be had now. */
  waits(partition: TopicPartition, error: OccError): void
  failed(error: OccError): void
}

/**
 * Between the assignment of a partition and its first fetch: finds out where it begins, for as long
 * as that takes. Partitions whose leader answers do not wait for one whose leader is away.
 */
export class Starting {
  readonly #parts: StartOffsetsParts
  readonly #events: StartingEvents
  readonly #stopping = new AbortController()
  /** Not begun yet; by name, with the run that looks after it. */
  readonly #pending = new Map<string, Run>()

  constructor(parts: StartOffsetsParts, events: StartingEvents) {
    this.#parts = parts
    this.#events = events
  }

  /** Where some begin is not known, nor committed, and it is not because of their leaders. */
  get isLooking(): boolean {
    for (const { hasLooked } of this.#pending.values()) if (!hasLooked) return true
    return false
  }

  add(partitions: readonly TopicPartition[]): void {
    const run = { hasLooked: false }
    for (const partition of partitions) this.#pending.set(partitionName(partition), run)
    void this.#run(partitions, run)
  }

  /** They are taken away. Those of them that had begun. */
  remove(partitions: readonly TopicPartition[]): TopicPartition[] {
    return partitions.filter((partition) => !this.#pending.delete(partitionName(partition)))
  }

  stop(): void {
    this.#stopping.abort()
    this.#pending.clear()
  }

  async #run(partitions: readonly TopicPartition[], run: Run): Promise<void> {
    const { log, options, cluster } = this.#parts
    const started = performance.now()
    const isOurs = (partition: TopicPartition) =>
      this.#pending.get(partitionName(partition)) === run && this.#events.owns(partition)
    let left = [...partitions]
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      left = left.filter(isOurs)
      if (left.length === 0 || this.#stopping.signal.aborted) return
      try {
        const { ready, waiting } = await findStartOffsets(this.#parts, left)
        run.hasLooked = true
        const begun = ready.filter(isOurs)
        for (const each of begun) this.#pending.delete(partitionName(each))
        if (begun.length > 0) {
          this.#events.ready(begun)
          log.info(
            {
              event: 'partitions.assigned',
              member: options.name,
              partitions: begun.map(partitionName),
              milliseconds: Math.round(performance.now() - started),
            },
            `Assigned ${begun.length} partitions`,
          )
        }
        for (const [partition, error] of waiting) this.#events.waits(partition, error)
      } catch (error) {
        this.#failed(error)
      }
      cluster.metadata.refreshSoon()
      await sleep(pause, this.#stopping.signal)
    }
  }

  #failed(problem: unknown): void {
    const { log, options } = this.#parts
    if (this.#stopping.signal.aborted) return
    if (problem instanceof OccError && problem.code === 'OCC_COMMIT_FENCED') return
    const error =
      problem instanceof OccError
        ? problem
        : new OccError('OCC_OFFSETS', messageOf(problem), { cause: problem, retriable: true })
    log.debug({ event: 'offsets.retry', member: options.name, code: error.code }, error.message)
    this.#events.failed(error)
  }
}
