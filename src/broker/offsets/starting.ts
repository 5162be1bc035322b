import { OccError, toOccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { counted } from '../../kernel/text/counted.ts'
import type { Claim } from '../types.ts'
import type { ClaimHolder, OffsetClaims } from './offset-claims.ts'
import { type BegunPartition, findStartOffsets, type StartOffsetsParts } from './start-offsets.ts'

const FIRST_PAUSE = 100
const MAX_PAUSE = 2_000
/** Milliseconds from the first answer, after which a leader that is silent is not waited for. */
const MAX_SILENCE = 3_000

/** One search, for the partitions of one assignment. */
type Run = object

export interface StartingParts extends Omit<StartOffsetsParts, 'isOurs' | 'store'> {
  /** A store of offsets beside Kafka; null: Kafka alone has them. */
  readonly claims: OffsetClaims | null
  generation(): number | null
  readonly epochBefore: ClaimHolder['epochBefore']
}

export interface StartingEvents {
  owns(partition: TopicPartition): boolean
  /** The start offsets of these are known. */
  ready(partitions: readonly BegunPartition[]): void
  /** The start offset of this one is not available now. */
  waits(partition: TopicPartition, error: OccError): void
  failed(error: OccError): void
  /** Another process has claimed this one, which had started. */
  fenced(partition: TopicPartition): void
}

/**
 * Finds the start offset of each partition between its assignment and its first fetch, for as long
 * as that takes. Partitions whose leader answers do not wait for others.
 */
export class Starting {
  readonly #parts: StartingParts
  readonly #events: StartingEvents
  readonly #stopping = new AbortController()
  /** Partitions without a start offset, by name, with the run that looks it up. */
  readonly #pending = new Map<string, Run>()
  /** Claims of those that started, by name. */
  readonly #claims = new Map<string, Claim>()
  /** Pending partitions that were reported as waiting. */
  readonly #reported = new Set<string>()
  /** Once, all leaders have answered but those that seem unreachable. */
  #hasLooked = false

  constructor(parts: StartingParts, events: StartingEvents) {
    this.#parts = parts
    this.#events = events
  }

  /**
   * The first start offsets are unknown or uncommitted, and not because a leader is unreachable:
   * what is produced now could be skipped by `autoOffsetReset: latest`.
   */
  get isLooking(): boolean {
    return !this.#hasLooked && this.#pending.size > 0
  }

  add(partitions: readonly TopicPartition[]): void {
    const run: Run = {}
    for (const partition of partitions) this.#pending.set(partitionName(partition), run)
    void this.#run(partitions, run)
  }

  /** Removes partitions. Returns those that had started. */
  remove(partitions: readonly TopicPartition[]): TopicPartition[] {
    for (const name of partitions.map(partitionName)) {
      this.#reported.delete(name)
      this.#claims.delete(name)
    }
    return partitions.filter((partition) => !this.#pending.delete(partitionName(partition)))
  }

  stop(): void {
    this.#stopping.abort()
    this.#pending.clear()
    this.#claims.clear()
  }

  #fenced(claim: Claim): void {
    // Not of an earlier assignment of the same partition.
    if (this.#claims.get(partitionName(claim)) === claim) this.#events.fenced(claim)
  }

  async #run(partitions: readonly TopicPartition[], run: Run): Promise<void> {
    const { cluster, claims, generation, epochBefore } = this.#parts
    const holder = { epochBefore, fenced: (claim: Claim) => this.#fenced(claim) }
    const store = claims && { claims, generation, holder }
    const started = performance.now()
    const isOurs = (partition: TopicPartition) =>
      this.#pending.get(partitionName(partition)) === run && this.#events.owns(partition)
    const looked = () => {
      this.#hasLooked = true
    }
    let left = [...partitions]
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
      left = left.filter(isOurs)
      if (left.length === 0 || this.#stopping.signal.aborted) return
      try {
        await findStartOffsets({ ...this.#parts, store, isOurs }, left, ({ ready, waiting }) => {
          // A leader that hangs does not keep the member from becoming ready.
          if (!this.#hasLooked) setTimeout(looked, MAX_SILENCE).unref()
          const begun = ready.filter(isOurs)
          if (begun.length > 0) this.#begin(begun, performance.now() - started)
          for (const [partition, error] of waiting.filter(([each]) => isOurs(each))) {
            this.#waits(partition, error)
          }
        })
        looked()
      } catch (error) {
        this.#failed(error)
        // Nothing else says why nothing is consumed.
        if (error instanceof OccError && error.code === 'OCC_OFFSETS_STORE') {
          for (const partition of left.filter(isOurs)) this.#waits(partition, error)
        }
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
      this.#reported.delete(name)
    }
    for (const { claim } of partitions) {
      if (claim !== undefined) this.#claims.set(partitionName(claim), claim)
    }
    this.#events.ready(partitions)
    log.info(
      {
        event: 'partitions.assigned',
        member: options.name,
        partitions: names,
        milliseconds: Math.round(milliseconds),
      },
      `Assigned ${counted(names.length, 'partition')}`,
    )
  }

  #waits(partition: TopicPartition, error: OccError): void {
    const { log, options } = this.#parts
    this.#events.waits(partition, error)
    const name = partitionName(partition)
    if (this.#reported.has(name)) return
    this.#reported.add(name)
    const { topic, partition: number } = partition
    log.warn(
      {
        event: 'partition.waiting',
        member: options.name,
        topic,
        partition: number,
        reason: 'offset',
      },
      `Cannot fetch ${name}; other partitions continue: ${error.message}`,
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
