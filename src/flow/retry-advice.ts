import type { Log } from '../kernel/log.ts'
import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'

/** Share of the time from which waiting is worth a line. */
const MUCH = 0.1
/** Milliseconds between two lines. */
const INTERVAL = 600_000

/** A partition, and the share of the last minute in which its records waited behind a retry. */
interface Watched extends TopicPartition {
  readonly behindRetries: number
}

/** Says in the log that records wait behind retries, at most every ten minutes. */
export class RetryAdvice {
  readonly #log: Log
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(log: Log) {
    this.#log = log
  }

  /** @param now monotonic milliseconds. */
  look(lanes: readonly Watched[], now: number): void {
    if (now - this.#saidAt < INTERVAL) return
    const held = lanes.filter(({ behindRetries }) => behindRetries >= MUCH)
    const [first, ...others] = held
    if (first === undefined) return
    this.#saidAt = now
    const worst = others.reduce((a, b) => (b.behindRetries > a.behindRetries ? b : a), first)
    const share = Math.round(worst.behindRetries * 100)
    const more = others.length === 0 ? '' : ` and of ${others.length} more`
    const { topic, partition } = worst
    this.#log.warn(
      { event: 'retry.holds', topic, partition, share, partitions: held.length },
      `Records of ${partitionName(worst)}${more} wait behind retries, ${share} % of the last minute: with order ` +
        'partition nothing overtakes a record that waits for its next attempt. Remedy: order key or none ' +
        '(processing.order) would let the others pass; or fix what makes records fail.',
    )
  }
}
