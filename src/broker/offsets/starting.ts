import { OccError, toOccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import { type BegunPartition, findStartOffsets, type StartOffsetsParts } from './start-offsets.ts'

const FIRST_PAUSE = 100
const MAX_PAUSE = 2_000

interface Run {
  /** The brokers have answered once: what has not begun since waits for a leader that is away. */
  hasLooked: boolean
}

export type StartingParts = Omit<StartOffsetsParts, 'isOurs'>

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
  readonly #parts: StartingParts
  readonly #events: StartingEvents
  readonly #stopping = new AbortController()
  /** Not begun yet; by name, with the run that looks after it. */
  readonly #pending = new Map<string, Run>()
  /** Of these, those that were said to wait. */
  readonly #told = new Set<string>()

  constructor(parts: StartingParts, events: StartingEvents) {
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
    for (const partition of partitions) this.#told.delete(partitionName(partition))
    return partitions.filter((partition) => !this.#pending.delete(partitionName(partition)))
  }

  stop(): void {
    this.#stopping.abort()
    this.#pending.clear()
  }

  async #run(partitions: readonly TopicPartition[], run: Run): Promise<void> {
    const { cluster } = this.#parts
    const started = performance.now()
    const isOurs = (partition: TopicPartition) =>
      this.#pending.get(partitionName(partition)) === run && this.#events.owns(partition)
    let left = [...partitions]
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
      left = left.filter(isOurs)
      if (left.length === 0 || this.#stopping.signal.aborted) return
      try {
        await findStartOffsets({ ...this.#parts, isOurs }, left, ({ ready, waiting }) => {
          // One leader that hangs does not keep the member from being a working one.
          run.hasLooked = true
          const begun = ready.filter(isOurs)
          if (begun.length > 0) this.#begin(begun, performance.now() - started)
          for (const [partition, error] of waiting.filter(([each]) => isOurs(each))) {
            this.#waits(partition, error)
          }
        })
        run.hasLooked = true
      } catch (error) {
        this.#failed(error)
      }
      cluster.metadata.refreshSoon()
      await sleep(pause, this.#stopping.signal)
    }
  }

  #begin(partitions: readonly BegunPartition[], milliseconds: number): void {
    const { log, options } = this.#parts
    const names = partitions.map(partitionName)
    for (const name of names) {
      this.#pending.delete(name)
      this.#told.delete(name)
    }
    this.#events.ready(partitions)
    log.info(
      {
        event: 'partitions.assigned',
        member: options.name,
        partitions: names,
        milliseconds: Math.round(milliseconds),
      },
      `Assigned ${names.length} partitions`,
    )
  }

  #waits(partition: TopicPartition, error: OccError): void {
    const { log, options } = this.#parts
    this.#events.waits(partition, error)
    const name = partitionName(partition)
    if (this.#told.has(name)) return
    this.#told.add(name)
    const { topic, partition: number } = partition
    log.warn(
      {
        event: 'partition.waiting',
        member: options.name,
        topic,
        partition: number,
        reason: 'offset',
      },
      `Nothing is fetched of ${name}, the others go on: ${error.message}`,
    )
  }

  #failed(problem: unknown): void {
    const { log, options } = this.#parts
    if (this.#stopping.signal.aborted) return
    if (problem instanceof OccError && problem.code === 'OCC_COMMIT_FENCED') return
    const error = toOccError(problem, 'OCC_OFFSETS', { retriable: true })
    log.debug({ event: 'offsets.failed', member: options.name, code: error.code }, error.message)
    this.#events.failed(error)
  }
}
