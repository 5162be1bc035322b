import type { OccError } from '../../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { listOffsets } from '../offsets/list-offsets.ts'
import type { BegunPartition } from '../offsets/start-offsets.ts'
import type { PartitionProblem, RecordBatch } from '../types.ts'
import { Answers } from './answers.ts'
import { Damages } from './damages.ts'
import { FetchState } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'
import { Leaders } from './leaders.ts'
import { Positions } from './positions.ts'
import { PASSING, Waiting } from './waiting.ts'

/** Milliseconds between two checks of waiting partitions. */
const CHECK_INTERVAL = 500

/**
 * Fetches the partitions that this member owns, each from its own leader. A problem with one
 * partition (no leader, no authorization, a damaged batch, an unreachable broker) makes only that
 * partition wait, and is reported. An answer is used only for the assignment and the position that
 * it was asked for.
 */
export class Fetching {
  readonly #parts: FetchingParts
  readonly #states = new Map<string, FetchState>()
  /** The newest state of each partition, including removed ones: their last commit needs epochs. */
  readonly #newest = new Map<string, FetchState>()
  readonly #leaders: Leaders
  readonly #positions: Positions
  readonly #waiting: Waiting
  readonly #damages: Damages
  #timer: NodeJS.Timeout | undefined
  #endOffsetsAt = Number.NEGATIVE_INFINITY

  constructor(parts: FetchingParts) {
    this.#parts = parts
    const moveTo = (state: FetchState, replica: number | null) =>
      this.#leaders.moveTo(state, replica)
    const recovered = (state: FetchState) => this.#waiting.recovered(state)
    const wait = (state: FetchState, reason: PartitionProblem['reason'], error: OccError) =>
      this.#waiting.wait(state, reason, error.message)
    this.#waiting = new Waiting({ ...parts, wake: (state) => this.#leaders.wake(state) })
    this.#positions = new Positions({ ...parts, recovered, wait })
    this.#damages = new Damages({
      ...parts,
      recovered,
      take: (state, answer) => answers.take(state, answer),
      report: (state) => this.#waiting.report(state),
    })
    const answers = new Answers({
      ...parts,
      positions: this.#positions,
      waiting: this.#waiting,
      damages: this.#damages,
      moveTo,
    })
    this.#leaders = new Leaders({
      ...parts,
      answered: (state, answer) => answers.answered(state, answer),
      failed: (states, error) => answers.failed(states, error),
      waitForLeader: (state, isUnknown) => this.#waiting.waitForLeader(state, isUnknown),
      prove: (state) => this.#positions.prove(state),
      retryHeld: (state) => this.#damages.retryHeld(state),
    })
  }

  /** How many partitions are being fetched. */
  get size(): number {
    return this.#states.size
  }

  /** false: not begun, or taken away. */
  has(partition: TopicPartition): boolean {
    return this.#states.has(partitionName(partition))
  }

  start(): void {
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#leaders.stop()
    for (const state of this.#states.values()) state.isOver = true
    this.#states.clear()
  }

  add(partitions: readonly BegunPartition[]): void {
    // Answers for an earlier assignment that was not removed must not be used.
    this.remove(partitions)
    for (const partition of partitions) {
      const topicId = this.#parts.metadata.topic(partition.topic)?.topicId ?? null
      const state = new FetchState(partition, topicId)
      this.#states.set(state.name, state)
      this.#newest.set(state.name, state)
      this.#leaders.follow(state)
    }
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const state = this.#states.get(partitionName(partition))
      if (state === undefined) continue
      state.isOver = true
      this.#leaders.drop(state)
      this.#states.delete(state.name)
    }
  }

  /** Leader epoch of the record before the offset; -1: not known. */
  epochBefore(partition: TopicPartition, offset: number): number {
    return this.#newest.get(partitionName(partition))?.epochBefore(offset) ?? -1
  }

  pause(partition: TopicPartition): void {
    const state = this.#states.get(partitionName(partition))
    if (state === undefined) return
    state.isPaused = true
    this.#leaders.heldBack(state)
  }

  resume(partition: TopicPartition): void {
    const state = this.#states.get(partitionName(partition))
    if (state === undefined) return
    const wasPaused = state.isPaused
    state.isPaused = false
    if (wasPaused) this.#damages.retryHeld(state)
    this.#leaders.wake(state)
  }

  /** A batch that was handed on cannot be read: it is fetched again, with all that follows it. */
  unreadable(batch: RecordBatch, error: OccError): void {
    const state = this.#states.get(partitionName(batch))
    // It may be from an assignment that is over, or from a deleted log.
    if (state === undefined || state.isRecreated || state.position < batch.from) return
    state.seek(batch.from)
    this.#damages.found(state, { error, damage: null })
  }

  /** Leaders may have moved, and topics may have been recreated. */
  metadataChanged(): void {
    for (const state of this.#states.values()) this.#leaders.follow(state)
  }

  #check(): void {
    const { clock, metadata, options } = this.#parts
    const now = clock.monotonic()
    let isWaiting = false
    for (const state of this.#states.values()) {
      this.#confirmEnd(state)
      if (state.replica !== null && now > state.replicaUntil) this.#leaders.moveTo(state, null)
      const isDue = state.isUnproven && !state.isBusy && now >= state.notBefore
      if (isDue && state.leader >= 0) this.#positions.prove(state)
      if (state.isHeld && now >= (state.work?.heldUntil ?? 0)) this.#damages.retryHeld(state)
      const { problem, isProblemReported } = state
      if (problem === null) continue
      isWaiting ||= problem.reason !== 'corrupt' && problem.reason !== 'not-authorized'
      if (!isProblemReported && now - state.problemAt >= PASSING) this.#waiting.report(state)
    }
    if (isWaiting) metadata.refreshSoon()
    if (now - this.#endOffsetsAt >= options.lagInterval) {
      this.#endOffsetsAt = now
      void this.#refreshEndOffsets(now)
    }
  }

  /**
   * Answers leave out what has not changed, however often they come: so the listener is told here that the end is
   * still the same, and not at each of them.
   */
  #confirmEnd(state: FetchState): void {
    const { isUnchanged, endOffset, position } = state
    state.isUnchanged = false
    if (!isUnchanged || endOffset === null || endOffset < position) return
    this.#parts.listener.endOffset(state, endOffset, null)
  }

  /** Answers to fetches carry the end offsets; partitions that are not fetched need a request. */
  async #refreshEndOffsets(now: number): Promise<void> {
    const { listener, options, requestTimeout, links, metadata } = this.#parts
    const silent = [...this.#states.values()].filter(
      ({ answeredAt, leader }) => leader >= 0 && now - answeredAt > options.lagInterval,
    )
    if (silent.length === 0) return
    const cluster = { links, metadata }
    const ends = await listOffsets(cluster, silent, 'end', true, requestTimeout)
    for (const state of silent) {
      const end = ends.get(state.name)
      if (state.isOver || end?.kind !== 'offset') continue
      state.endOffset = end.offset
      listener.endOffset(state, end.offset, null)
    }
  }
}
