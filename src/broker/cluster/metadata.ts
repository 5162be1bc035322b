import type { Clock } from '../../kernel/clock.ts'
import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import type { TopicPartition } from '../../kernel/record.ts'
import { metadataApi } from '../protocol/index.ts'
import type { Links } from './links.ts'

export interface PartitionMetadata {
  readonly partition: number
  /** -1: there is none now. */
  readonly leader: number
  /** -1: not known. */
  readonly leaderEpoch: number
  /** Brokers whose replica has all that the leader's has; the leader is one of them. */
  readonly inSync: readonly number[]
}

export interface TopicMetadata {
  readonly topic: string
  /** Another one after the topic was deleted and made anew; null: the broker is too old to tell. */
  readonly topicId: string | null
  /** Kafka's error code; 0: none. */
  readonly error: number
  readonly partitions: ReadonlyMap<number, PartitionMetadata>
}

/** What brokers answer within this is worth waiting for; then another one is asked. Milliseconds. */
const ANSWER_TIMEOUT = 5_000
/** Between two requests, so that a leader that moves is not asked for without a pause. */
const SHORTEST_PAUSE = 100
const MAX_PAUSE = 1_000

/**
 * Who leads which partition: asked for now and then, and whenever somebody was told that he asks
 * the wrong broker. A lower leader epoch than the one known is a broker that is behind, and is not
 * believed.
 */
export class Metadata {
  readonly #links: Links
  readonly #clock: Clock
  readonly #log: Log
  readonly #maxAge: number
  readonly #changed: () => void
  readonly #stopping = new AbortController()
  #topics = new Map<string, TopicMetadata>()
  /** Ids of topics that were deleted: a broker that still knows one of them is behind. */
  readonly #gone = new Set<string>()
  #watched: ReadonlySet<string> = new Set()
  #underWay: Promise<void> | null = null
  #newest = Number.NEGATIVE_INFINITY
  #answeredAt: number
  /** Requests in a row that nothing but impatience asked for. */
  #impatient = 0
  #soon: NodeJS.Timeout | undefined
  #regular: NodeJS.Timeout | undefined

  /** @param changed is called after each answer. @param maxAge milliseconds. */
  constructor(links: Links, maxAge: number, clock: Clock, log: Log, changed: () => void) {
    this.#links = links
    this.#maxAge = maxAge
    this.#clock = clock
    this.#log = log
    this.#changed = changed
    this.#answeredAt = clock.monotonic()
  }

  /** Monotonic milliseconds of the last answer. */
  get answeredAt(): number {
    return this.#answeredAt
  }

  topic(name: string): TopicMetadata | undefined {
    return this.#topics.get(name)
  }

  partition({ topic, partition }: TopicPartition): PartitionMetadata | undefined {
    return this.#topics.get(topic)?.partitions.get(partition)
  }

  /** Numbers of the topic's partitions, ascending; none where it does not exist. */
  partitionsOf(topic: string): number[] {
    return [...(this.#topics.get(topic)?.partitions.keys() ?? [])].sort((a, b) => a - b)
  }

  /** Topics to ask for from now on. */
  watch(topics: Iterable<string>): void {
    this.#watched = new Set(topics)
    for (const topic of this.#topics.keys()) {
      if (!this.#watched.has(topic)) this.#topics.delete(topic)
    }
  }

  /** Asks now; joins a request that is under way. Rejects when no broker answers. */
  refresh(): Promise<void> {
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = null
    })
    return this.#underWay
  }

  /** Somebody was told that what is known is not true any more: asks soon, and never rejects. */
  refreshSoon(): void {
    if (this.#soon !== undefined || this.#stopping.signal.aborted) return
    const pause = Math.min(SHORTEST_PAUSE * 2 ** this.#impatient, MAX_PAUSE)
    const due = Math.max(0, this.#newest + pause - this.#clock.monotonic())
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      this.#impatient = Math.min(this.#impatient + 1, 8)
      this.refresh().catch((error) => {
        this.#log.debug({ event: 'metadata.failed', error: messageOf(error) }, 'No metadata')
        this.#newest = this.#clock.monotonic()
        this.refreshSoon()
      })
    }, due)
  }

  /** What is known has proved true: the next doubt is acted on without delay. */
  settled(): void {
    this.#impatient = 0
  }

  /** Waits for an answer for as long as it takes, or until the signal aborts. */
  async untilKnown(failed: (error: unknown) => void, signal: AbortSignal): Promise<void> {
    for (let pause = SHORTEST_PAUSE; !signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      try {
        await this.refresh()
        return
      } catch (error) {
        failed(error)
        await sleep(pause, signal)
      }
    }
  }

  stop(): void {
    this.#stopping.abort()
    clearTimeout(this.#soon)
    clearTimeout(this.#regular)
  }

  async #ask(): Promise<void> {
    const topics = [...this.#watched]
    const answer = await this.#links.ask((link) =>
      link.send(metadataApi, { topics }, ANSWER_TIMEOUT),
    )
    if (this.#stopping.signal.aborted) return
    this.#answeredAt = this.#clock.monotonic()
    this.#newest = this.#answeredAt
    if (answer.brokers.length > 0) this.#links.setBrokers(answer.brokers)
    for (const { topic, topicId, error, partitions } of answer.topics) {
      if (topicId !== null && this.#gone.has(topicId)) continue
      const before = this.#topics.get(topic)
      const isSame = before !== undefined && before.topicId === topicId
      if (before?.topicId && topicId !== null && !isSame) this.#gone.add(before.topicId)
      const merged = new Map<number, PartitionMetadata>()
      for (const { partition, leader, leaderEpoch, inSync } of partitions) {
        const known = isSame ? before.partitions.get(partition) : undefined
        const isBehind = known !== undefined && leaderEpoch >= 0 && leaderEpoch < known.leaderEpoch
        merged.set(partition, isBehind ? known : { partition, leader, leaderEpoch, inSync })
      }
      this.#topics.set(topic, { topic, topicId, error, partitions: merged })
    }
    clearTimeout(this.#regular)
    this.#regular = setTimeout(() => this.refreshSoon(), this.#maxAge)
    this.#changed()
  }
}
