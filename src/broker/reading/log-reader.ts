import { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { Links } from '../cluster/links.ts'
import { Metadata } from '../cluster/metadata.ts'
import { explain } from '../errors.ts'
import { Fetching } from '../fetch/fetching.ts'
import type {
  BrokerOptions,
  LostRange,
  MemberControl,
  MemberListener,
  MemberOptions,
  OffsetRange,
  PartitionProblem,
} from '../types.ts'
import { clippedBatch, clippedRange } from './clipped-batch.ts'

/** What is read of one partition. */
export interface LogPart extends TopicPartition {
  readonly from: number
  /** null: there is no end. */
  readonly to: number | null
  /** Ranges above `from` that are finished already, ascending. */
  readonly finished?: readonly OffsetRange[]
}

/** Fetches parts of partitions without a group; nothing on the brokers changes. */
export interface LogReader extends Omit<MemberControl, 'commit' | 'move'> {
  /**
   * Assigns the parts to the listener and begins to fetch them. Rejects if the brokers cannot be
   * reached.
   */
  start(): Promise<void>
  /** Rejects once a part cannot be read: no rights, or no leader for `restartWindow`. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

const CHECK_INTERVAL = 1_000

/**
 * Reads parts of partitions as a member of a group reads its own: each from its leader, with the
 * same care for leaders that move, deleted records and damaged batches. Nothing beyond the end of a
 * part is handed on; its last batch has the end as `nextOffset`.
 * @param options those of membership are not used
 */
export function createLogReader(
  broker: BrokerOptions,
  options: MemberOptions,
  parts: readonly LogPart[],
  listener: MemberListener,
  { clock, log, lz4 }: { readonly clock: Clock; readonly log: Log; readonly lz4: Lz4 },
): LogReader {
  const { requestTimeout } = broker
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const ends = new Map(parts.map((part) => [partitionName(part), part.to]))
  /** Parts of which everything was handed on. */
  const read = new Set<string>()
  const problems = new Map<string, { readonly message: string; readonly since: number }>()
  const links = new Links(broker, log)
  const metadata = new Metadata(links, options.metadataMaxAge, clock, log, () =>
    fetching.metadataChanged(),
  )
  const fetching = new Fetching({
    ...{ options, links, metadata, requestTimeout, clock, log },
    listener: { ...listener, batch, moved, room, problem, recordsLost },
    reader: { ...options, lz4 },
    turn() {},
  })
  let timer: NodeJS.Timeout | undefined

  function batch(each: Parameters<MemberListener['batch']>[0]): void {
    const name = partitionName(each)
    const end = ends.get(name)
    if (end === undefined || read.has(name)) return
    if (end === null || each.nextOffset < end) {
      listener.batch(each)
      return
    }
    // The batch may turn out to be unreadable: it is paused, not removed, to be fetched again.
    read.add(name)
    fetching.pause(each)
    listener.batch(clippedBatch(each, end))
  }

  function moved(partition: TopicPartition, offset: number, mark?: string): void {
    const name = partitionName(partition)
    const end = ends.get(name)
    if (end === undefined || read.has(name)) return
    if (end === null || offset < end) {
      listener.moved(partition, offset, mark)
      return
    }
    read.add(name)
    fetching.pause(partition)
    listener.moved(partition, end, mark)
  }

  /** Retention may have deleted what follows the part, too. */
  function recordsLost(range: LostRange): void {
    const end = ends.get(partitionName(range))
    const ofPart = end === null || end === undefined ? range : clippedRange(range, end)
    if (ofPart !== null) listener.recordsLost(ofPart)
  }

  function room(partition: TopicPartition): number {
    return read.has(partitionName(partition)) ? 0 : listener.room(partition)
  }

  function problem(partition: TopicPartition, found: PartitionProblem | null): void {
    const name = partitionName(partition)
    listener.problem(partition, found)
    if (found === null) {
      problems.delete(name)
    } else if (found.reason === 'not-authorized') {
      failure.reject(new OccError('OCC_TOPIC_NOT_AUTHORIZED', found.message))
    } else if (found.reason !== 'corrupt') {
      const since = problems.get(name)?.since ?? clock.monotonic()
      problems.set(name, { message: found.message, since })
    }
  }

  /** As a member ends whose brokers stay away. */
  function check(): void {
    const now = clock.monotonic()
    for (const [name, { message, since }] of problems) {
      if (now - since <= options.restartWindow) continue
      const seconds = Math.round((now - since) / 1000)
      failure.reject(
        new OccError(
          'OCC_BROKER_LOST',
          `${name} cannot be read for ${seconds} s (kafka.restartWindow): ${message}`,
        ),
      )
    }
  }

  return {
    failed: failure.promise,
    async start() {
      metadata.watch(new Set(parts.map(({ topic }) => topic)))
      await metadata.refresh().catch((error) => {
        throw explain(error, `Connecting to ${broker.brokers.join(', ')}`)
      })
      const begun = parts
        .filter(({ from, to }) => to === null || from < to)
        .map(({ topic, partition, from, finished = [] }) => ({
          ...{ topic, partition, startOffset: from, finished, metadata: '' },
          topicId: metadata.topic(topic)?.topicId ?? null,
        }))
      listener.assigned(begun)
      fetching.start()
      fetching.add(begun)
      timer = setInterval(check, CHECK_INTERVAL)
    },
    pause: (partition) => fetching.pause(partition),
    resume(partition) {
      if (!read.has(partitionName(partition))) fetching.resume(partition)
    },
    unreadable(each, error) {
      if (read.delete(partitionName(each))) fetching.resume(each)
      fetching.unreadable(each, error)
    },
    async stop() {
      clearInterval(timer)
      fetching.stop()
      metadata.stop()
      links.close()
      // Requests in flight are rejected by then.
      await sleep(0)
    },
  }
}
