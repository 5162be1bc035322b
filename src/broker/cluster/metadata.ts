import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { code, type MetadataResponse, metadataApi } from '../protocol/index.ts'
import { isUsersTopic } from '../topics/topic-hint.ts'
import type { Links } from './links.ts'

export interface PartitionMetadata {
  readonly partition: number
  /** -1: none at present. */
  readonly leader: number
  /** -1: not known. */
  readonly leaderEpoch: number
  /** Brokers with a replica. */
  readonly replicas: readonly number[]
  /** Brokers with in-sync replicas, including the leader. */
  readonly inSync: readonly number[]
}

export interface TopicMetadata {
  readonly topic: string
  /** Changes when the topic is deleted and recreated; null: the broker is too old to report it. */
  readonly topicId: string | null
  /** Kafka's error code; 0: none. */
  readonly error: number
  readonly partitions: ReadonlyMap<number, PartitionMetadata>
}

type FoundTopic = MetadataResponse['topics'][number]

/** How long to wait for a broker before another one is asked. Milliseconds. */
const ANSWER_TIMEOUT = 5_000
/** Min pause between two requests, for example while a leader moves. Milliseconds. */
const SHORTEST_PAUSE = 100
const MAX_PAUSE = 1_000

/**
 * Knows which broker leads which partition. Refreshed at an interval, and when a broker turned out
 * not to be the leader. A broker may lag behind, as after it hung: a leader epoch lower than the
 * known one is ignored, and that a topic is gone or was made anew has to be answered twice.
 */
export class Metadata {
  readonly #links: Links
  readonly #clock: Clock
  readonly #log: Log
  readonly #maxAge: number
  readonly #changed: () => void
  readonly #stopping = new AbortController()
  #topics = new Map<string, TopicMetadata>()
  /** The id that each topic had last, by name. */
  readonly #ids = new Map<string, string>()
  /** Ids of deleted topics: a broker that still reports one lags behind. */
  readonly #gone = new Set<string>()
  #watched: ReadonlySet<string> = new Set()
  #underWay: Promise<void> | null = null
  #newest = Number.NEGATIVE_INFINITY
  #answeredAt: number
  /** Number of `refreshSoon` requests in a row without `settled`. */
  #impatient = 0
  #soon: NodeJS.Timeout | undefined
  #regular: NodeJS.Timeout | undefined

  /**
   * @param maxAge milliseconds
   * @param changed called after each answer
   */
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

  /** Partition numbers of the topic, ascending; empty if it does not exist. */
  partitionsOf(topic: string): number[] {
    return [...(this.#topics.get(topic)?.partitions.keys() ?? [])].sort((a, b) => a - b)
  }

  /** Sets the topics to request from now on. */
  watch(topics: Iterable<string>): void {
    this.#watched = new Set(topics)
    for (const topic of this.#topics.keys()) {
      if (!this.#watched.has(topic)) this.#topics.delete(topic)
    }
  }

  /** Requests metadata now, or joins a request in flight. Rejects if no broker answers. */
  refresh(): Promise<void> {
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = null
    })
    return this.#underWay
  }

  /** Requests metadata soon, because it seems to be out of date. Never rejects. */
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

  /** The metadata proved right: the next `refreshSoon` acts without delay. */
  settled(): void {
    this.#impatient = 0
  }

  /** All topics that the user may see, but for the brokers' own; empty if nobody answers. */
  async names(): Promise<readonly string[]> {
    try {
      const { topics } = await this.#links.ask((link) =>
        link.send(metadataApi, { topics: null }, ANSWER_TIMEOUT),
      )
      return topics.map(({ topic }) => topic).filter(isUsersTopic)
    } catch (error) {
      this.#log.debug({ event: 'metadata.failed', error: messageOf(error) }, 'No topic names')
      return []
    }
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Waits for an answer until the signal aborts. */
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
    const first = await this.#question()
    // Another broker is asked, if there is one, before anything is given up for deleted.
    const answer = first.topics.some((each) => this.#isOther(each)) ? await this.#question() : first
    if (this.#stopping.signal.aborted) return
    this.#answeredAt = this.#clock.monotonic()
    this.#newest = this.#answeredAt
    if (answer.brokers.length > 0) this.#links.setBrokers(answer.brokers)
    const idsAtFirst = new Map(first.topics.map(({ topic, topicId }) => [topic, topicId]))
    for (const found of answer.topics) {
      const isAgreed = idsAtFirst.get(found.topic) === found.topicId
      if (!this.#isOther(found) || isAgreed) this.#take(found)
      else this.refreshSoon()
    }
    clearTimeout(this.#regular)
    this.#regular = setTimeout(() => this.refreshSoon(), this.#maxAge)
    this.#changed()
  }

  #question(): Promise<MetadataResponse> {
    const topics = [...this.#watched]
    return this.#links.ask((link) => link.send(metadataApi, { topics }, ANSWER_TIMEOUT))
  }

  /** It is deleted, or another one of the same name, if the broker does not lag behind. */
  #isOther({ topic, topicId, error }: FoundTopic): boolean {
    const known = this.#ids.get(topic)
    if (known === undefined || error === code.TOPIC_AUTHORIZATION_FAILED) return false
    if (topicId === null) return this.#topics.get(topic)?.topicId === known
    return topicId !== known && !this.#gone.has(topicId)
  }

  #take({ topic, topicId, error, partitions }: FoundTopic): void {
    if (topicId !== null && this.#gone.has(topicId)) return
    const before = this.#topics.get(topic)
    // Whoever may not see a topic is not told of its partitions. They are still there, and wait.
    if (error === code.TOPIC_AUTHORIZATION_FAILED && before !== undefined) {
      this.#topics.set(topic, { ...before, error })
      return
    }
    const known = this.#ids.get(topic)
    if (known !== undefined && topicId !== null && topicId !== known) this.#gone.add(known)
    if (topicId !== null) this.#ids.set(topic, topicId)
    const isSame = before !== undefined && before.topicId === topicId
    // A topic never loses partitions: a broker that does not name one lags behind.
    const merged = new Map(isSame && topicId !== null ? before.partitions : [])
    for (const { partition, leader, leaderEpoch, replicas, inSync } of partitions) {
      const old = isSame ? before.partitions.get(partition) : undefined
      const isBehind = old !== undefined && leaderEpoch >= 0 && leaderEpoch < old.leaderEpoch
      const found = { partition, leader, leaderEpoch, replicas, inSync }
      merged.set(partition, isBehind ? old : found)
    }
    this.#topics.set(topic, { topic, topicId, error, partitions: merged })
  }
}
