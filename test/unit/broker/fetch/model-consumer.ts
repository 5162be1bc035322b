import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { Fetching } from '../../../../src/broker/fetch/fetching.ts'
import type {
  MemberListener,
  MemberOptions,
  PartitionProblem,
  RecordBatch,
} from '../../../../src/broker/types.ts'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import type { OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import type { TopicPartition } from '../../../../src/kernel/shapes/record.ts'
import { memberOptions } from '../../../support/consuming.ts'
import { type ModelCluster, TOPIC } from './model-cluster.ts'

interface Assignment {
  readonly queue: RecordBatch[]
  /** Where the next batch must begin. */
  tail: number
}

/**
 * Takes batches as flow/ does: queues them, takes them apart later, and gives back what cannot be.
 * Fails at once where a batch does not begin where the one before it ended.
 */
export class ModelConsumer {
  readonly fetching: Fetching
  readonly assigned = new Map<number, Assignment>()
  /** Offsets of the records that were read, in that order, by partition. */
  readonly read: number[][]
  /** Where reading continues, by partition: what would be committed. */
  readonly position: number[]
  /** Offsets that were kept as a damaged batch. */
  readonly kept: Array<{ partition: number; from: number; to: number }> = []
  readonly problems = new Map<number, PartitionProblem | null>()
  readonly errors: string[] = []
  readonly moves: Array<{ partition: number; to: number }> = []
  room = 10_000
  roomsAsked = 0
  time = 1_000

  constructor(cluster: ModelCluster, overrides: Partial<MemberOptions> = {}) {
    this.read = cluster.logs.map(() => [])
    this.position = cluster.logs.map(() => 0)
    const options = memberOptions({
      maxBatchBytes: 1e6,
      fetch: { minBytes: 1, maxBytes: 1_000, maxBytesPerPartition: 400, maxWait: 100 },
      ...overrides,
    })
    const clock = { now: () => this.time, monotonic: () => this.time }
    const { links, metadata } = cluster
    this.fetching = new Fetching({
      options,
      links,
      metadata,
      listener: this.#listener(),
      reader: { ...options, lz4: lz4Codec },
      requestTimeout: 30_000,
      clock,
      log: silentLog,
      turn() {},
    })
    cluster.onChange(() => this.fetching.metadataChanged())
    this.fetching.start()
  }

  assign(partition: number): void {
    if (this.assigned.has(partition)) return
    const startOffset = this.position[partition] ?? 0
    this.assigned.set(partition, { queue: [], tail: startOffset })
    this.fetching.add([
      { topic: TOPIC, partition, startOffset, metadata: '', finished: [], topicId: null },
    ])
  }

  revoke(partition: number): void {
    if (!this.assigned.delete(partition)) return
    this.fetching.remove([{ topic: TOPIC, partition }])
    this.problems.delete(partition)
  }

  /** Takes the next batch apart, if there is one. */
  take(partition: number): void {
    const assignment = this.assigned.get(partition)
    const batch = assignment?.queue.shift()
    if (assignment === undefined || batch === undefined) return
    if (batch.damage !== null) {
      this.kept.push({ partition, from: batch.from, to: batch.nextOffset })
      this.position[partition] = batch.nextOffset
      return
    }
    try {
      const offsets = batch.read().map(({ offset }) => offset)
      this.read[partition]?.push(...offsets)
      this.position[partition] = batch.nextOffset
    } catch (error) {
      assignment.queue.length = 0
      assignment.tail = batch.from
      this.fetching.unreadable(batch, error as OccError)
    }
  }

  /** Lets time pass, and all that becomes due. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds
    while (this.time < until) {
      const step = Math.min(25, until - this.time)
      this.time += step
      mock.timers.tick(step)
      await new Promise(setImmediate)
    }
  }

  #listener(): MemberListener {
    const unexpected = () => assert.fail('not of fetching')
    return {
      batch: (batch) => {
        const assignment = this.assigned.get(batch.partition)
        assert.ok(assignment, 'a batch of what is not assigned')
        assert.equal(batch.from, assignment.tail, 'a gap, or a batch again')
        assert.ok(batch.nextOffset > batch.from, 'a batch that goes nowhere')
        assignment.tail = batch.nextOffset
        assignment.queue.push(batch)
      },
      moved: ({ partition }: TopicPartition, offset: number) => {
        const assignment = this.assigned.get(partition)
        assert.ok(assignment)
        assignment.tail = offset
        assignment.queue.length = 0
        this.position[partition] = offset
        this.moves.push({ partition, to: offset })
      },
      room: () => {
        this.roomsAsked += 1
        return this.room
      },
      endOffset() {},
      problem: ({ partition }, problem) => {
        this.problems.set(partition, problem)
      },
      recordsLost: unexpected,
      recordsCut: unexpected,
      fetched() {},
      throttled() {},
      fetchFailed: (_, code) => {
        this.errors.push(code)
      },
      failed: unexpected,
      assigned: unexpected,
      revoking: unexpected,
      lost: unexpected,
      rebalanced: unexpected,
    }
  }
}
