import { systemClock } from '../../kernel/clock.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain, protocolError, protocolType } from '../errors.ts'
import { fetchOne } from '../fetch/fetch-one.ts'
import { takeBatches } from '../fetch/take-batches.ts'
import { listOffsets } from '../offsets/list-offsets.ts'
import { code, errorName } from '../protocol/index.ts'
import { tryAgain } from '../try-again.ts'
import type { BrokerOptions } from '../types.ts'
import { MAX_BATCH_BYTES } from './codecs.ts'
import { mayBeMisspelled, withTopicHint } from './topic-hint.ts'

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

const FETCH_BYTES = 4 * 1024 * 1024
const MAX_WAIT = 200
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
  const reading = new Reading(links, metadata, options.requestTimeout, lz4)
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
  readonly #links: Links
  readonly #metadata: Metadata
  readonly #timeout: number
  readonly #lz4: Lz4

  constructor(links: Links, metadata: Metadata, timeout: number, lz4: Lz4) {
    this.#links = links
    this.#metadata = metadata
    this.#timeout = timeout
    this.#lz4 = lz4
  }

  /** The range of each partition with records; records written later are excluded. */
  ranges(
    topic: string,
    { partitions: wanted, since, last = Number.MAX_SAFE_INTEGER }: ReadOptions,
  ) {
    return this.#tryAgain(async () => {
      await this.#metadata.refresh()
      const error = this.#metadata.topic(topic)?.error ?? code.UNKNOWN_TOPIC_OR_PARTITION
      if (error !== code.NONE) throw protocolError(error)
      const all = this.#metadata.partitionsOf(topic)
      const missing = wanted?.find((partition) => !all.includes(partition))
      if (missing !== undefined) throw noPartition(topic, missing, all.length)
      const partitions = (wanted ?? all).map((partition) => ({ topic, partition }))
      const cluster = { links: this.#links, metadata: this.#metadata }
      const firsts = await listOffsets(cluster, partitions, since ?? 'first', true, this.#timeout)
      const ends = await listOffsets(cluster, partitions, 'end', false, this.#timeout)
      const offsetOf = (answers: typeof firsts, partition: number) => {
        const answer = answers.get(`${topic}/${partition}`)
        if (answer?.kind === 'offset') return answer.offset
        throw answer?.kind === 'error'
          ? answer.error
          : protocolError(answer?.code ?? code.UNKNOWN_SERVER_ERROR)
      }
      return partitions
        .map(({ partition }) => {
          const first = offsetOf(firsts, partition)
          const to = offsetOf(ends, partition)
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
      const taken = await this.#tryAgain(() => this.#fetch(topic, partition, position))
      for (const batch of taken.batches) {
        for (const record of batch.read()) {
          if (record.offset >= to || count === limit) return
          yield record
          count += 1
        }
      }
      if (taken.damaged !== null) throw taken.damaged.error
      position = taken.position
    }
  }

  async #fetch(topic: string, partition: number, position: number) {
    const { leader = -1, leaderEpoch = -1 } = this.#metadata.partition({ topic, partition }) ?? {}
    if (leader < 0) throw protocolError(code.LEADER_NOT_AVAILABLE)
    const limits = { maxWait: MAX_WAIT, maxBytes: FETCH_BYTES, maxBytesPerPartition: FETCH_BYTES }
    const place = { topic, partition, position, leaderEpoch }
    const found = await fetchOne(
      this.#links.get(leader, 'fetch'),
      { ...place, ...limits, readUncommitted: false },
      this.#timeout,
    )
    if (found === undefined || found.error !== code.NONE) {
      throw protocolError(found?.error ?? code.UNKNOWN_SERVER_ERROR)
    }
    const reader = {
      checkCrcs: true,
      maxBatchBytes: MAX_BATCH_BYTES,
      readUncommitted: false,
      lz4: this.#lz4,
    }
    return takeBatches({ topic, partition, position }, found, reader)
  }

  #tryAgain<T>(work: () => Promise<T>): Promise<T> {
    return tryAgain(work, () => this.#metadata.refresh())
  }
}

function noPartition(topic: string, partition: number, count: number): OccError {
  return new OccError(
    'OCC_PARTITION_UNKNOWN',
    `There is no partition ${partition} of the topic "${topic}": it has ${count}, from 0 to ${count - 1}.`,
  )
}
