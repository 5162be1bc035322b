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
import { isOfOtherTopic } from '../offsets/commit-metadata.ts'
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
import { cutBehind, cutShort, madeAnew, type UnreadRange, unreadableFor } from './ended-parts.ts'
import { LogEnds } from './log-ends.ts'

/** What is read of one partition. */
export interface LogPart extends TopicPartition {
  readonly from: number
  /** null: there is no end. */
  readonly to: number | null
  /** Ranges above `from` that are finished already, ascending. */
  readonly finished?: readonly OffsetRange[]
  /** Which topic of that name the offsets are of; null or absent: whichever there is. */
  readonly topicId?: string | null
}

export interface LogListener extends MemberListener {
  /**
   * Nothing more comes of the part, though its end was not reached: its log was cut, its topic was
   * made anew, or a batch stays unreadable. Everything below `at` was handed on.
   */
  ended(part: TopicPartition, at: number, why: OccError): void
}

/** Fetches parts of partitions without a group; nothing on the brokers changes. */
export interface LogReader extends Omit<MemberControl, 'commit' | 'move'> {
  /**
   * Assigns the parts to the listener and begins to fetch them. Rejects if the brokers cannot be
   * reached.
   */
  start(): Promise<void>
  /** Rejects once nothing can be read: no rights, or no leader for `restartWindow`. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

const CHECK_INTERVAL = 1_000

/** How far a part is. */
interface PartState {
  /** null: there is no end. */
  readonly to: number | null
  readonly topicId: string | null
  /** The offset at which what is handed on next begins. */
  position: number
  /** Everything was handed on. */
  isRead: boolean
  /** It ended before its end. */
  isEnded: boolean
  /** Its log went back behind the position. */
  isBack: boolean
}

/**
 * Reads parts of partitions as a member of a group reads its own: each from its leader, with the
 * same care for leaders that move, deleted records and damaged batches. Nothing beyond the end of a
 * part is handed on; its last batch has the end as `nextOffset`. A part with an end ends where its
 * log was cut; one without goes on there.
 * @param options those of membership are not used
 */
export function createLogReader(
  broker: BrokerOptions,
  options: MemberOptions,
  parts: readonly LogPart[],
  listener: LogListener,
  { clock, log, lz4 }: { readonly clock: Clock; readonly log: Log; readonly lz4: Lz4 },
): LogReader {
  const { requestTimeout } = broker
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const states = new Map<string, PartState>()
  const problems = new Map<string, PartitionProblem & { readonly from: number }>()
  const links = new Links(broker, log)
  const metadata = new Metadata(links, options.metadataMaxAge, clock, log, () =>
    fetching.metadataChanged(),
  )
  const fetching = new Fetching({
    ...{ options, links, metadata, requestTimeout, clock, log },
    listener: { ...listener, batch, moved, room, problem, recordsLost, endOffset },
    reader: { ...options, lz4 },
    turn() {},
  })
  const ends = new LogEnds({ links, metadata }, requestTimeout, clock)
  let timer: NodeJS.Timeout | undefined

  /** undefined: nothing more is wanted of it. */
  function openPart(partition: TopicPartition): PartState | undefined {
    const part = states.get(partitionName(partition))
    return part === undefined || part.isRead || part.isEnded ? undefined : part
  }

  function batch(each: Parameters<MemberListener['batch']>[0]): void {
    const part = openPart(each)
    if (part === undefined) return
    part.position = each.nextOffset
    if (part.to === null || each.nextOffset < part.to) {
      listener.batch(each)
      return
    }
    // The batch may turn out to be unreadable: it is paused, not removed, to be fetched again.
    part.isRead = true
    fetching.pause(each)
    listener.batch(clippedBatch(each, part.to))
  }

  function moved(partition: TopicPartition, offset: number, mark?: string): void {
    const state = states.get(partitionName(partition))
    if (state !== undefined && offset < state.position) state.isBack = true
    const part = openPart(partition)
    if (part === undefined) return
    const { to, topicId, position } = part
    if (to === null || (position <= offset && offset < to && mark === undefined)) {
      part.position = offset
      listener.moved(partition, offset, mark)
    } else if (offset >= to && mark === undefined) {
      part.isRead = true
      fetching.pause(partition)
      listener.moved(partition, to, mark)
    } else {
      // Nothing of it may be handed on while the end is asked for.
      part.isEnded = true
      void endAt({ ...partition, position, to }, topicId, mark === undefined ? offset : null)
    }
  }

  /**
   * @param begun id of the topic that the range is of
   * @param cutAt null: not known
   */
  async function endAt(
    range: UnreadRange,
    begun: string | null,
    cutAt: number | null,
  ): Promise<void> {
    const { topic, position } = range
    if (metadata.topic(topic)?.topicId !== begun) end(range, position, madeAnew(range))
    else if (cutAt !== null) end(range, position, cutBehind(range, cutAt))
    else end(range, position, cutShort(range, await ends.of(range)))
  }

  /** The topic may have been made anew since the offsets were found. */
  function endIfOther({ topic, partition, topicId }: TopicPartition & { topicId: string | null }) {
    const now = metadata.topic(topic)?.topicId ?? null
    const { to = null, position } = states.get(partitionName({ topic, partition })) ?? {}
    if (to === null || position === undefined || !isOfOtherTopic(topicId, now)) return
    end({ topic, partition }, position, madeAnew({ topic, partition, position, to }))
  }

  /** Nothing more is fetched of it. */
  function end(partition: TopicPartition, at: number, why: OccError): void {
    const { topic, partition: number } = partition
    const part = states.get(partitionName(partition))
    if (part !== undefined) part.isEnded = true
    fetching.pause(partition)
    listener.ended({ topic, partition: number }, at, why)
  }

  function endOffset(partition: TopicPartition, logEnd: number, stable: number | null): void {
    if (openPart(partition) !== undefined) ends.told(partition, logEnd)
    listener.endOffset(partition, logEnd, stable)
  }

  /** Retention may have deleted what follows the part, too. */
  function recordsLost(range: LostRange): void {
    const to = states.get(partitionName(range))?.to ?? null
    const ofPart = to === null ? range : clippedRange(range, to)
    if (ofPart !== null) listener.recordsLost(ofPart)
  }

  function room(partition: TopicPartition): number {
    return openPart(partition) === undefined ? 0 : listener.room(partition)
  }

  function problem(partition: TopicPartition, found: PartitionProblem | null): void {
    const name = partitionName(partition)
    listener.problem(partition, found)
    if (found === null) {
      problems.delete(name)
    } else if (found.reason === 'not-authorized') {
      failure.reject(new OccError('OCC_TOPIC_NOT_AUTHORIZED', found.message))
    } else {
      const from = problems.get(name)?.from ?? clock.monotonic()
      problems.set(name, { ...found, from })
    }
  }

  function check(): void {
    for (const part of parts) {
      const state = openPart(part)
      if (state === undefined) continue
      checkProblem(part, state)
      void checkEnd(part, state)
    }
  }

  /** As a member ends whose brokers stay away. A batch that stays unreadable ends its part only. */
  function checkProblem(part: LogPart, { position }: PartState): void {
    const name = partitionName(part)
    const found = problems.get(name)
    if (found === undefined) return
    const lasts = clock.monotonic() - found.from
    if (lasts <= options.restartWindow) return
    const seconds = Math.round(lasts / 1000)
    if (found.reason === 'corrupt') {
      end(part, position, unreadableFor(part, position, found, seconds))
      return
    }
    failure.reject(
      new OccError(
        'OCC_BROKER_LOST',
        `${name} cannot be read for ${seconds} s (kafka.restartWindow): ${found.message}`,
      ),
    )
  }

  async function checkEnd(part: LogPart, state: PartState): Promise<void> {
    const { to } = state
    if (to === null || !ends.isShort({ ...part, position: state.position, to })) return
    const logEnd = await ends.of(part)
    if (logEnd === null || logEnd >= to || openPart(part) === undefined) return
    const { position } = state
    if (position >= logEnd) end(part, position, cutShort({ ...part, position, to }, logEnd))
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
        .map(({ topic, partition, from, to, finished = [], topicId: of = null }) => {
          const topicId = of ?? metadata.topic(topic)?.topicId ?? null
          states.set(partitionName({ topic, partition }), {
            ...{ to, topicId, position: from },
            ...{ isRead: false, isEnded: false, isBack: false },
          })
          return { topic, partition, startOffset: from, finished, metadata: '', topicId }
        })
      listener.assigned(begun)
      fetching.start()
      fetching.add(begun)
      for (const part of begun) endIfOther(part)
      timer = setInterval(check, CHECK_INTERVAL)
    },
    pause: (partition) => fetching.pause(partition),
    resume(partition) {
      if (openPart(partition) !== undefined) fetching.resume(partition)
    },
    unreadable(each, error) {
      const part = states.get(partitionName(each))
      if (part === undefined) return
      part.position = Math.min(part.position, each.from)
      // The log does not have it any more, or nothing is fetched: it cannot be fetched again.
      if (part.isEnded || (part.isBack && part.to !== null)) {
        end(each, each.from, error)
        return
      }
      if (part.isRead) fetching.resume(each)
      part.isRead = false
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
