import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { type KafkaRecord, partitionName } from '../../kernel/shapes/record.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain, protocolError, protocolType } from '../errors.ts'
import { type TakeOptions, takeAt } from '../fetch/take-at.ts'
import { type Cluster, findOffsets } from '../offsets/list-offsets.ts'
import { code, errorName } from '../protocol/index.ts'
import { cutShort, type UnreadRange } from '../reading/ended-parts.ts'
import { tryAgain } from '../try-again.ts'
import type { BrokerOptions } from '../types.ts'
import { mayBeMisspelled, withTopicHint } from './topic-hint.ts'
import { wantedPartitions } from './wanted-partitions.ts'

export interface ReadOptions {
  /** The configuration section of the options, for remedies. */
  readonly section: string
  /** Only these partitions; none of them is missing. Default: all. */
  readonly partitions?: readonly number[] | undefined
  /** Milliseconds since the epoch: from the first record at or after it. Default: the first one. */
  readonly since?: number | undefined
  /** Only that many offsets before the end of each partition: at most as many records. */
  readonly last?: number | undefined
  /** Maximum records of each partition. Default: all. */
  readonly limit?: number | undefined
}

const LIMITS = { maxWait: 200, maxBytes: 4 * 1024 * 1024 }

/**
 * The records of a topic from the first to the present last one, partition after partition. Joins
 * no group and changes nothing: reading the topic is the only permission needed. At most one fetch
 * is ahead of the caller, who may stop early. Rejects with OCC_TOPIC_UNKNOWN if there is no such
 * topic, with OCC_PARTITION_UNKNOWN if it has no such partition.
 */
export async function* readTopic(
  options: BrokerOptions,
  topic: string,
  wanted: ReadOptions,
  log: Log,
  lz4: Lz4,
): AsyncGenerator<KafkaRecord> {
  const { section } = wanted
  const links = new Links(options, log, section)
  const metadata = new Metadata(links, 3_600_000, systemClock, log, () => {})
  const reading = new Reading(
    { links, metadata },
    { readUncommitted: false, lz4, timeout: options.requestTimeout },
  )
  try {
    metadata.watch([topic])
    for (const { partition, from, to } of await reading.ranges(topic, wanted)) {
      yield* reading.records(topic, partition, [from, to], wanted.limit)
    }
  } catch (error) {
    const problem = explained(error, topic, section, options)
    throw mayBeMisspelled(problem) ? withTopicHint(problem, topic, await metadata.names()) : problem
  } finally {
    metadata.stop()
    links.close()
  }
}

function explained(
  error: unknown,
  topic: string,
  section: string,
  { givenBy }: BrokerOptions,
): OccError {
  if (protocolType(error) !== errorName(code.TOPIC_AUTHORIZATION_FAILED)) {
    return explain(error, `Reading the topic "${topic}"`, undefined, { section, givenBy })
  }
  return new OccError(
    'OCC_TOPIC_NOT_AUTHORIZED',
    `Reading the topic "${topic}": the user of ${section} is not authorized. It needs Read on this topic (an ACL), but nothing on any consumer group.`,
    { cause: error },
  )
}

class Reading {
  readonly #cluster: Cluster
  readonly #options: TakeOptions

  constructor(cluster: Cluster, options: TakeOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** The range of each partition with records; records written later are excluded. */
  ranges(
    topic: string,
    { partitions: wanted, since, last = Number.MAX_SAFE_INTEGER }: ReadOptions,
  ) {
    const cluster = this.#cluster
    const { metadata } = cluster
    const { readUncommitted, timeout } = this.#options
    return this.#tryAgain(async () => {
      await metadata.refresh()
      const error = metadata.topic(topic)?.error ?? code.UNKNOWN_TOPIC_OR_PARTITION
      if (error !== code.NONE) throw protocolError(error)
      const numbers = wantedPartitions(topic, metadata.partitionsOf(topic), wanted ?? null)
      const partitions = numbers.map((partition) => ({ topic, partition }))
      const firsts = await findOffsets(cluster, partitions, since ?? 'first', true, timeout)
      const ends = await findOffsets(cluster, partitions, 'end', readUncommitted, timeout)
      return numbers
        .map((partition) => {
          const name = partitionName({ topic, partition })
          const [first = 0, to = 0] = [firsts.get(name), ends.get(name)]
          return { partition, from: first < 0 ? to : Math.max(first, to - last), to }
        })
        .filter(({ from, to }) => from < to)
    })
  }

  async *records(
    topic: string,
    partition: number,
    [from, to]: readonly [from: number, to: number],
    limit = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<KafkaRecord> {
    let position = from
    let count = 0
    while (position < to) {
      const place = { topic, partition, position }
      const taken = await this.#tryAgain(() => takeAt(this.#cluster, place, LIMITS, this.#options))
      for (const batch of taken.batches) {
        for (const record of batch.read()) {
          if (record.offset >= to || count === limit) return
          yield record
          count += 1
        }
      }
      if (taken.damaged !== null) throw taken.damaged.error
      if (taken.position === position) await this.#checkEnd({ topic, partition, position, to })
      position = taken.position
    }
  }

  /** Rejects with OCC_LOG_CUT if the log ends before the range does. */
  async #checkEnd(range: UnreadRange): Promise<void> {
    const { readUncommitted, timeout } = this.#options
    const ends = await this.#tryAgain(() =>
      findOffsets(this.#cluster, [range], 'end', readUncommitted, timeout),
    )
    const end = ends.get(partitionName(range)) ?? range.to
    if (end < range.to && end <= range.position) throw cutShort(range, end)
  }

  #tryAgain<T>(work: () => Promise<T>): Promise<T> {
    return tryAgain(work, () => this.#cluster.metadata.refresh())
  }
}
