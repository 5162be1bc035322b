import type { LogPart } from '../broker/reading/log-reader.ts'
import { REMEMBERED } from '../decode/branches.ts'
import type { LiveDecoder } from '../decode/types.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/shapes/record.ts'
import type { LogItem } from './read-log.ts'

/** Records of each partition at least, however many partitions share `REMEMBERED`. */
const LEAST = 64
/**
 * Milliseconds after which the rest is given up: nothing of the topic is handled meanwhile, and brokers
 * that are slow, or records that are large, must not hold it for minutes.
 */
const PATIENCE = 30_000

type BlockDecoder = LiveDecoder<unknown>

export interface RecentBlocksParts {
  readonly decoder: BlockDecoder
  /** As `readLog`; records are used only until the next item is asked for. */
  read(parts: readonly LogPart[], signal: AbortSignal): AsyncIterable<LogItem>
  /** Milliseconds. Default: 30 seconds. */
  readonly patience?: number
  readonly log: Log
}

/**
 * The blocks of the last records that were handled before this process got their partitions. Only with
 * them does it notice that the first record of a partition belongs to another branch.
 */
export interface RecentBlocks {
  /** For handling: no record of a topic can be decoded before its blocks are known. */
  readonly decoder: BlockDecoder
  /**
   * The partition is handled from the offset on: reads the records below it, for their blocks.
   * Partitions that begin in the same turn of the event loop are read together.
   */
  begin(partition: TopicPartition, offset: number): void
  close(): void
}

interface Begun {
  readonly partition: number
  readonly offset: number
}

export function createRecentBlocks(parts: RecentBlocksParts): RecentBlocks {
  const { decoder, log, patience = PATIENCE } = parts
  const closing = new AbortController()
  /** By topic, until it is read. */
  const begun = new Map<string, Begun[]>()
  /** Topics that wait. */
  const reading = new Map<string, Promise<void>>()

  function start(topic: string): Begun[] {
    const own: Begun[] = []
    begun.set(topic, own)
    const read = Promise.resolve().then(() => {
      begun.delete(topic)
      return recall(topic, own)
    })
    const all = Promise.all([reading.get(topic), read]).then(() => {
      if (reading.get(topic) === all) reading.delete(topic)
    })
    reading.set(topic, all)
    return own
  }

  /** Never rejects. */
  async function recall(topic: string, own: readonly Begun[]): Promise<void> {
    const most = Math.max(LEAST, Math.ceil(REMEMBERED / own.length))
    const ranges = own.map(({ partition, offset: to }) => {
      return { topic, partition, from: Math.max(0, to - most), to }
    })
    const giveUp = new AbortController()
    const signal = AbortSignal.any([closing.signal, giveUp.signal])
    const found: Found[] = []
    const gone = new Set<number>()
    let isWaiting = false
    const timer = setTimeout(() => {
      // Handling would wait for it, too.
      if (isWaiting) timer.refresh()
      else giveUp.abort(new Error(`not all of them were read in ${patience / 1000} s`))
    }, patience)
    let problem: unknown = null
    try {
      const latest = new Map<number, number>()
      for await (const item of parts.read(ranges, signal)) {
        if (item.kind === 'lost') {
          const { partition, to } = item.range
          if (own.some((one) => one.partition === partition && to >= one.offset))
            gone.add(partition)
        }
        if (item.kind === 'ended') problem = item.why
        if (item.kind !== 'records') continue
        for (const record of item.records) {
          isWaiting = true
          await decoder.awaits(record)
          isWaiting = false
          // Times of producers may go back; the order of a partition may not.
          const at = Math.max(record.timestamp, latest.get(record.partition) ?? 0)
          latest.set(record.partition, at)
          const follow = decoder.recall(record)
          if (follow !== null) found.push({ at, follow })
        }
      }
      if (giveUp.signal.aborted) problem = giveUp.signal.reason
    } catch (error) {
      problem = error
    } finally {
      clearTimeout(timer)
    }
    if (closing.signal.aborted) return
    // As they came when they were handled: the branches of a chain cross all partitions.
    for (const { follow } of found.sort((one, other) => one.at - other.at)) follow()
    say(topic, own, found.length, { gone, problem })
  }

  function say(topic: string, own: readonly Begun[], blocks: number, { gone, problem }: Missing) {
    const records = `the records below the offsets that ${topic} is handled from`
    if (problem !== null) {
      log.warn(
        { event: 'blocks.unknown', topic, code: codeOf(problem) },
        `The blocks of ${records} are not all known, so a fork from one of them is not noticed: ${messageOf(problem)}`,
      )
    } else if (gone.size > 0) {
      const partitions = [...gone].sort((one, other) => one - other)
      log.warn(
        { event: 'blocks.unknown', topic, partitions },
        `Retention has deleted ${records}, in partitions ${partitions.join(', ')}: a fork from one of their blocks is not noticed`,
      )
    } else {
      const partitions = own.length
      log.info({ event: 'blocks.known', topic, partitions, blocks }, `Read again: ${records}`)
    }
  }

  return {
    decoder: {
      ...decoder,
      awaits: (record: KafkaRecord) => reading.get(record.topic) ?? decoder.awaits(record),
      mayAwait: (topic) => reading.has(topic) || decoder.mayAwait(topic),
    },
    begin({ topic, partition }, offset) {
      if (offset === 0 || closing.signal.aborted || !decoder.followsBlocks(topic)) return
      const own = begun.get(topic) ?? start(topic)
      own.push({ partition, offset })
    },
    close: () => closing.abort(),
  }
}

interface Found {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly follow: () => void
}

interface Missing {
  /** Partitions of which retention has deleted all. */
  readonly gone: ReadonlySet<number>
  readonly problem: unknown
}
