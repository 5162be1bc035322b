import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Place } from '../../kernel/text/place.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain, protocolError, protocolType } from '../errors.ts'
import { type Cluster, findOffsets, type OffsetQuestion } from '../offsets/list-offsets.ts'
import { code } from '../protocol/index.ts'
import { unreadableTopic } from '../topics/topic-hint.ts'
import { wantedPartitions } from '../topics/wanted-partitions.ts'
import { mayPass, tryAgain } from '../try-again.ts'
import type { BrokerOptions, OffsetRange } from '../types.ts'
import type { LogPart } from './log-reader.ts'

export interface WantedPart {
  readonly topic: string
  /** null: all of the topic. */
  readonly partitions: readonly number[] | null
  /** `back` counts from the end. */
  readonly from: Place
}

export interface FoundPart extends LogPart {
  /** First offset in the log. */
  readonly first: number
  /** The offset that the next record will get, before any open transaction. */
  readonly end: number
  /** Offsets that were wanted and that retention has deleted; null: none. */
  readonly deleted: OffsetRange | null
}

const MAX_AGE = 3_600_000

/**
 * Finds the offsets of places; the part of each partition ends before `until`. null: it has no end.
 * Rejects with OCC_TOPIC_UNKNOWN (which one was meant), OCC_PARTITION_UNKNOWN, OCC_OFFSET_BEYOND, or
 * why the brokers could not be asked.
 */
export async function findParts(
  broker: BrokerOptions,
  wanted: readonly WantedPart[],
  until: Place | null,
  readUncommitted: boolean,
  log: Log,
): Promise<readonly FoundPart[]> {
  const links = new Links(broker, log)
  const metadata = new Metadata(links, MAX_AGE, systemClock, log, () => {})
  const finding = new Finding({ links, metadata }, broker, readUncommitted)
  metadata.watch(new Set(wanted.map(({ topic }) => topic)))
  try {
    await metadata.refresh()
    return await tryAgain(
      () => finding.find(wanted, until),
      () => metadata.refresh(),
      isAnswer,
    )
  } catch (error) {
    const doing = `Reading from ${broker.brokers.join(', ')}`
    throw explain(error, doing, undefined, { givenBy: broker.givenBy })
  } finally {
    metadata.stop()
    links.close()
  }
}

/** A topic that was just created may be unknown to its leader. */
function isAnswer(error: unknown): boolean {
  return !(error instanceof OccError) && protocolType(error) !== null
}

class Finding {
  readonly #cluster: Cluster
  readonly #broker: BrokerOptions
  readonly #readUncommitted: boolean

  constructor(cluster: Cluster, broker: BrokerOptions, readUncommitted: boolean) {
    this.#cluster = cluster
    this.#broker = broker
    this.#readUncommitted = readUncommitted
  }

  async find(wanted: readonly WantedPart[], until: Place | null): Promise<readonly FoundPart[]> {
    const places = new Map<string, TopicPartition & { readonly from: Place }>()
    for (const { topic, partitions, from } of wanted) {
      for (const partition of wantedPartitions(
        topic,
        await this.#partitionsOf(topic),
        partitions,
      )) {
        const name = partitionName({ topic, partition })
        if (places.has(name)) throw twice(name)
        places.set(name, { topic, partition, from })
      }
    }
    const all = [...places.values()]
    const firsts = await this.#ask(all, 'first')
    const ends = await this.#ask(all, 'end')
    const asked = new Set(
      [until, ...all.map(({ from }) => from)].flatMap((it) => (it?.kind === 'time' ? it.time : [])),
    )
    const times = new Map<number, ReadonlyMap<string, number>>()
    for (const time of asked) times.set(time, await this.#ask(all, time))
    return all.map(({ topic, partition, from }) => {
      const name = partitionName({ topic, partition })
      const [first = 0, end = 0] = [firsts.get(name), ends.get(name)]
      const at = (time: number) => {
        const offset = times.get(time)?.get(name) ?? -1
        return offset < 0 ? null : offset
      }
      const log = { first, end, at }
      const topicId = this.#cluster.metadata.topic(topic)?.topicId ?? null
      return { ...partBetween({ topic, partition }, log, from, until), topicId }
    })
  }

  async #partitionsOf(topic: string): Promise<readonly number[]> {
    const { metadata } = this.#cluster
    const error = metadata.topic(topic)?.error ?? code.UNKNOWN_TOPIC_OR_PARTITION
    if (error === code.NONE) return metadata.partitionsOf(topic)
    const refused = protocolError(error)
    if (mayPass(refused)) throw refused
    throw unreadableTopic(refused, topic, this.#broker, await metadata.names())
  }

  #ask(all: readonly TopicPartition[], which: OffsetQuestion) {
    const uncommitted = which !== 'end' || this.#readUncommitted
    return findOffsets(this.#cluster, all, which, uncommitted, this.#broker.requestTimeout)
  }
}

/** A log as its leader described it. */
export interface DescribedLog {
  readonly first: number
  readonly end: number
  /** The first record at or after the time; null: there is none. */
  at(time: number): number | null
}

/** @throws OccError OCC_OFFSET_BEYOND */
export function partBetween(
  each: TopicPartition,
  { first, end, at }: DescribedLog,
  from: Place,
  until: Place | null,
): FoundPart {
  const offsetOf = (place: Place): number => {
    if (place.kind === 'beginning') return first
    if (place.kind === 'end') return end
    if (place.kind === 'back') return Math.max(first, end - place.records)
    if (place.kind === 'offset') return place.offset
    // It may be in an open transaction, or written after the end was asked for.
    return Math.min(at(place.time) ?? end, end)
  }
  const start = offsetOf(from)
  if (start > end) throw beyond(partitionName(each), start, end)
  const to = until === null ? null : Math.min(end, offsetOf(until))
  const deleted = start < first ? { from: start, to: first } : null
  return { ...each, first, end, from: Math.max(start, first), to, deleted }
}

function twice(name: string): OccError {
  return new OccError('OCC_USAGE', `${name} is named twice; name each partition once`)
}

function beyond(name: string, offset: number, end: number): OccError {
  return new OccError(
    'OCC_OFFSET_BEYOND',
    `${name} ends at offset ${end}, and ${offset} is beyond it. Give an offset up to ${end}, or END.`,
  )
}
