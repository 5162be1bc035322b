import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { type Cluster, listOffsets } from '../offsets/list-offsets.ts'
import type { UnreadRange } from './ended-parts.ts'

/**
 * Milliseconds for which a log must be shorter than its part: a new leader may name an end that is too
 * low for a moment.
 */
const SHORT_FOR = 3_000

/** Where logs end, while parts of them are read. */
export class LogEnds {
  readonly #cluster: Cluster
  readonly #timeout: number
  readonly #clock: Clock
  /** As the last answers of brokers have them. Keys are `partitionName`s. */
  readonly #told = new Map<string, number>()
  /** Since when a log is shorter than its part, monotonic milliseconds. */
  readonly #shortSince = new Map<string, number>()

  constructor(cluster: Cluster, timeout: number, clock: Clock) {
    this.#cluster = cluster
    this.#timeout = timeout
    this.#clock = clock
  }

  told(partition: TopicPartition, end: number): void {
    this.#told.set(partitionName(partition), end)
  }

  /**
   * Everything there is was read, and the log has had no more of the range for long enough to ask
   * its leader. Says so once in that time.
   */
  isShort(range: UnreadRange): boolean {
    const name = partitionName(range)
    const end = this.#told.get(name)
    if (end === undefined || end >= range.to || range.position < end) {
      this.#shortSince.delete(name)
      return false
    }
    const now = this.#clock.monotonic()
    const since = this.#shortSince.get(name) ?? now
    const isLong = now - since >= SHORT_FOR
    if (isLong) this.#shortSince.delete(name)
    else this.#shortSince.set(name, since)
    return isLong
  }

  /** A leader answers this only once it knows its end. Never rejects. null: it does not answer now. */
  async of(partition: TopicPartition): Promise<number | null> {
    const answers = await listOffsets(this.#cluster, [partition], 'end', true, this.#timeout)
    const answer = answers.get(partitionName(partition))
    return answer?.kind === 'offset' ? answer.offset : null
  }
}
