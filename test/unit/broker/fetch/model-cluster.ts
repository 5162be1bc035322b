import type { Links } from '../../../../src/broker/cluster/links.ts'
import type { Metadata } from '../../../../src/broker/cluster/metadata.ts'
import {
  type Api,
  code,
  type FetchedPartition,
  type FetchRequest,
  type FetchResponse,
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetForLeaderEpochApi,
} from '../../../../src/broker/protocol/index.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { ModelLog, type Random } from './model-log.ts'
import { ModelSessions } from './model-sessions.ts'

export const TOPIC = 'topic'
const NODES = [1, 2, 3]
const MAX_DELAY = 400

/**
 * Three brokers and their logs, as far as fetching sees them: answers late, errors, leaders that
 * move before the metadata knows. Time is that of mocked timers.
 */
export class ModelCluster {
  readonly logs: ModelLog[]
  topicId = 'first'
  /** As the metadata has it: the truth of some time ago. */
  #known: Array<{ leader: number; leaderEpoch: number }> = []
  #knownId = 'first'
  #changed: () => void = () => {}
  #isAsked = false
  readonly #random: Random
  /** One in this many requests fails; 0: none. */
  failures = 0
  fetches = 0
  /** Partitions that requests named, and that answers told of, over all fetches. */
  named = 0
  told = 0
  readonly sessions: ReadonlyMap<number, ModelSessions>

  constructor(partitions: number, random: Random) {
    this.#random = random
    this.sessions = new Map(NODES.map((node) => [node, new ModelSessions(random)]))
    this.logs = Array.from({ length: partitions }, (_, index) => new ModelLog(1 + (index % 3)))
    this.#learn()
  }

  get metadata(): Metadata {
    const model = {
      topic: (topic: string) =>
        topic === TOPIC
          ? {
              topic,
              topicId: this.#knownId,
              error: 0,
              partitions: new Map(
                this.#known.map((known, partition) => [partition, { partition, ...known }]),
              ),
            }
          : undefined,
      partition: ({ partition }: { partition: number }) => this.#known[partition],
      partitionsOf: () => [...this.#known.keys()],
      refreshSoon: () => {
        if (this.#isAsked) return
        this.#isAsked = true
        setTimeout(() => {
          this.#isAsked = false
          this.#learn()
          this.#changed()
        }, this.#random(300))
      },
      settled() {},
    }
    return model as unknown as Metadata
  }

  get links(): Links {
    const link = (node: number) => ({
      isOpen: true,
      close() {},
      send: (api: Api<unknown, unknown>, request: never) => this.#answer(node, api, request),
    })
    const model = {
      brokers: new Map(NODES.map((id) => [id, { id, host: 'model', port: id }])),
      get: link,
      fresh: link,
      dropOne() {},
    }
    return model as unknown as Links
  }

  onChange(changed: () => void): void {
    this.#changed = changed
  }

  /** Another leader, which has all that the former one had. */
  elect(partition: number): void {
    const log = this.#log(partition)
    log.leader = (log.leader % NODES.length) + 1
    log.leaderEpoch += 1
  }

  /** Deleted and recreated, with another log. */
  makeAnew(): void {
    this.topicId = `${this.topicId}+`
    for (const [index] of this.logs.entries()) this.logs[index] = new ModelLog(1 + (index % 3))
  }

  learn(): void {
    this.#learn()
    this.#changed()
  }

  #learn(): void {
    this.#known = this.logs.map(({ leader, leaderEpoch }) => ({ leader, leaderEpoch }))
    this.#knownId = this.topicId
  }

  #log(partition: number): ModelLog {
    const log = this.logs[partition]
    if (log === undefined) throw new Error('no such partition')
    return log
  }

  async #answer(node: number, api: Api<unknown, unknown>, request: never): Promise<unknown> {
    const isEarly = this.#random(2) === 0
    // Some see the log as it was when they were asked, some as it is when they are answered.
    const early = isEarly ? this.#compute(node, api, request) : null
    await new Promise((resolve) => setTimeout(resolve, 1 + this.#random(MAX_DELAY)))
    if (this.failures > 0 && this.#random(this.failures) === 0) {
      throw new OccError('OCC_BROKER_TIMEOUT', 'a failure of the model', { retriable: true })
    }
    return early ?? this.#compute(node, api, request)
  }

  #compute(node: number, api: Api<unknown, unknown>, request: never): unknown {
    if (api.name === fetchApi.name) return this.#fetch(node, request)
    if (api.name === metadataApi.name) {
      return { topics: [{ topic: TOPIC, topicId: this.topicId, error: 0, partitions: [] }] }
    }
    const { topics } = request as {
      topics: ReadonlyArray<{ partitions: ReadonlyArray<{ partition: number; timestamp: bigint }> }>
    }
    const partitions = (topics[0]?.partitions ?? []).map(({ partition, timestamp }) => {
      const log = this.#log(partition)
      const error = log.leader === node ? code.NONE : code.NOT_LEADER_OR_FOLLOWER
      if (api.name === offsetForLeaderEpochApi.name) {
        return { partition, error, leaderEpoch: log.leaderEpoch, endOffset: log.end }
      }
      if (api.name !== listOffsetsApi.name) throw new Error(`not in the model: ${api.name}`)
      const offset = Number(timestamp) === -2 ? 0 : log.end
      return { partition, error, offset, timestamp: -1, leaderEpoch: log.leaderEpoch }
    })
    return { throttle: 0, topics: [{ topic: TOPIC, partitions }] }
  }

  #fetch(node: number, request: FetchRequest): FetchResponse {
    this.fetches += 1
    const meaning = this.sessions.get(node)?.read(request)
    this.named += request.topics[0]?.partitions.length ?? 0
    if (meaning === undefined || !('wanted' in meaning)) {
      return { throttle: 0, error: meaning?.error ?? 0, sessionId: 0, topics: [] }
    }
    let left = request.maxBytes
    let isFirst = true
    const partitions: FetchedPartition[] = []
    for (const wanted of meaning.wanted) {
      const { partition, offset, leaderEpoch, maxBytes } = wanted
      const log = this.#log(partition)
      const error = errorOf(log, node, leaderEpoch, offset)
      const mostBytes = Math.min(left, maxBytes)
      const records = error === code.NONE ? log.read(offset, mostBytes, isFirst) : Buffer.alloc(0)
      left -= records.length
      if (records.length > 0) isFirst = false
      // A session leaves out what has nothing new.
      const isNew = error !== code.NONE || records.length > 0 || wanted.told !== log.end
      wanted.told = error === code.NONE ? log.end : -1
      if (!isNew && !meaning.isWhole) continue
      partitions.push({
        ...{ partition, error, highWatermark: log.end, lastStableOffset: log.end },
        ...{ logStartOffset: 0, aborted: log.aborted, preferredReadReplica: -1, records },
      })
    }
    this.told += partitions.length
    return { throttle: 0, error: 0, sessionId: meaning.id, topics: [{ topic: TOPIC, partitions }] }
  }
}

function errorOf(log: ModelLog, node: number, leaderEpoch: number, offset: number): number {
  if (log.leader !== node) return code.NOT_LEADER_OR_FOLLOWER
  if (leaderEpoch > log.leaderEpoch) return code.UNKNOWN_LEADER_EPOCH
  if (leaderEpoch >= 0 && leaderEpoch < log.leaderEpoch) return code.FENCED_LEADER_EPOCH
  return offset > log.end ? code.OFFSET_OUT_OF_RANGE : code.NONE
}
