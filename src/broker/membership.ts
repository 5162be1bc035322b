import type { Clock } from '../kernel/clock.ts'
import { messageOf, OccError } from '../kernel/errors.ts'
import { sleep } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import type { TopicPartition } from '../kernel/record.ts'
import { createAssignment } from './assignment.ts'
import type { KafkajsCluster, KafkajsConsumerGroup } from './connection/kafkajs-internals.ts'
import { explain } from './errors.ts'
import { registerHooks } from './group-hooks.ts'
import { listOffsets, prepareStartOffsets, recoverOutOfRange } from './start-offsets.ts'
import type { Ownership } from './sticky-assigner.ts'
import type { Assignment, MemberListener, MemberOptions, RecordBatch } from './types.ts'

const PREPARE_ATTEMPTS = 5
const PREPARE_PAUSE = 200

/** The member's place in the group: what it owns now, what it owned last, and the way between. */
export interface Membership {
  readonly ownership: Ownership
  readonly generation: number | null
  readonly partitionCount: number
  /** Assignments received so far. */
  readonly joins: number
  attach(cluster: KafkajsCluster): void
  /** The topic is not there: whatever it holds once it is, nobody has read. */
  missing(topic: string): void
  owns(partition: TopicPartition): boolean
  observeEnd(batch: RecordBatch): void
  /** Of the fetches from now on: how long a broker may wait for data, in milliseconds. */
  setMaxWait(milliseconds: number): void
  /** The consumer is gone without a rejoin: whatever it owned is lost. */
  drop(): void
  /** Before leaving the group on purpose: finishes and commits what is in hand. */
  leave(): Promise<void>
}

export interface MembershipEvents {
  joining(): void
  joined(): void
  fail(error: unknown): void
}

export function createMembership(
  options: MemberOptions,
  listener: MemberListener,
  clock: Clock,
  log: Log,
  events: MembershipEvents,
): Membership {
  const ownership: Ownership = { generation: -1, partitions: {} }
  let current: Assignment | null = null
  let owned = new Set<string>()
  let joins = 0
  /** Kept over a crash: joining under the same id replaces the dead member instead of waiting for
   * its session to time out. */
  let memberId: string | null = null
  let lagTimer: NodeJS.Timeout | undefined
  /** The consumer that counts; null when it was given up, or left the group on purpose. */
  let attached: KafkajsCluster | null = null

  let joinedGroup: KafkajsConsumerGroup | null = null
  let leaving: Promise<void> = Promise.resolve()
  const madeLater = new Set<string>()

  /** Of a topic that was not there before, everything is unread, whatever the reset says. */
  const resetOf = (topic: string) => (madeLater.has(topic) ? 'earliest' : options.autoOffsetReset)

  /** kafkajs may be on its way into the group while it is told to stop: that join counts no more. */
  const counts = (group: KafkajsConsumerGroup) => group.cluster === attached

  async function beforeJoin(group: KafkajsConsumerGroup): Promise<void> {
    // Once another generation has begun, nothing of this one can be committed.
    if (!counts(group)) return leaving
    events.joining()
    const assignment = release()
    if (assignment !== null) {
      // Without a member id the broker has already dropped this member: nothing can be committed.
      if (group.memberId === null) lost(assignment)
      else await revoke(assignment)
    } else if (group.memberId === null) group.memberId = memberId
    memberId = null
  }

  async function revoke(assignment: Assignment): Promise<void> {
    const started = clock.monotonic()
    await listener.revoking(assignment)
    log.info(
      {
        event: 'partitions.revoked',
        member: options.name,
        generation: assignment.generation,
        partitions: ownership.partitions,
        milliseconds: Math.round(clock.monotonic() - started),
      },
      `Revoked ${assignment.partitions.length} partitions`,
    )
  }

  function lost(assignment: Assignment): void {
    listener.lost(assignment)
    log.warn(
      {
        event: 'partitions.lost',
        member: options.name,
        generation: assignment.generation,
        partitions: ownership.partitions,
      },
      `Lost ${assignment.partitions.length} partitions: the membership ended without a rebalance`,
    )
  }

  function release(): Assignment | null {
    clearInterval(lagTimer)
    const assignment = current
    current = null
    owned = new Set()
    return assignment
  }

  async function afterJoin(group: KafkajsConsumerGroup): Promise<void> {
    const started = clock.monotonic()
    const partitions = counts(group) ? await prepare(group) : null
    if (partitions === null || !counts(group)) return
    const assignment = createAssignment(group, partitions)
    current = assignment
    joinedGroup = group
    memberId = group.memberId
    joins += 1
    owned = new Set(partitions.map(({ topic, partition }) => `${topic}/${partition}`))
    ownership.generation = assignment.generation
    ownership.partitions = byTopic(partitions)
    listener.assigned(assignment)
    log.info(
      {
        event: 'partitions.assigned',
        member: options.name,
        generation: assignment.generation,
        partitions: ownership.partitions,
        milliseconds: Math.round(clock.monotonic() - started),
      },
      `Assigned ${partitions.length} partitions`,
    )
    lagTimer = setInterval(() => void refreshEndOffsets(group, assignment), options.lagInterval)
    void refreshEndOffsets(group, assignment)
    events.joined()
  }

  /** null after telling the member to start over: a throw here would leave kafkajs half joined. */
  async function prepare(group: KafkajsConsumerGroup) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await prepareStartOffsets(group, resetOf)
      } catch (error) {
        const final = error instanceof OccError && !error.retriable
        if (final || attempt === PREPARE_ATTEMPTS) {
          if (counts(group)) events.fail(error)
          return null
        }
        log.debug({ event: 'offsets.retry', error: messageOf(error) }, 'Reading offsets failed')
        await sleep(PREPARE_PAUSE * attempt)
      }
    }
  }

  async function outOfRange(group: KafkajsConsumerGroup, partition: TopicPartition): Promise<void> {
    const range = await recoverOutOfRange(group, partition)
    const count = range.to - range.from
    if (count > 0) {
      listener.recordsLost(range)
      log.error(
        { event: 'records.lost', member: options.name, ...range, records: count },
        `Lost ${count} records of ${range.topic} partition ${range.partition}: retention deleted offsets ` +
          `${range.from} to ${range.to - 1} before they were read. Going on at ${range.to}.`,
      )
    } else {
      log.error(
        { event: 'offsets.reset', member: options.name, ...range },
        `${range.topic} partition ${range.partition} ends before the position ${range.from}: the topic was ` +
          `made anew or cut. Going on at its first record, ${range.to}.`,
      )
    }
    listener.skipped(partition, range.to)
  }

  async function refreshEndOffsets(group: KafkajsConsumerGroup, assignment: Assignment) {
    try {
      for (const [topic, partitions] of Object.entries(byTopic(assignment.partitions))) {
        for (const { partition, offset } of await listOffsets(group, topic, partitions, false)) {
          if (current === assignment) listener.endOffset({ topic, partition }, offset)
        }
      }
    } catch (error) {
      const explained = explain(error, 'Reading end offsets')
      log.debug({ event: 'lag.failed', code: explained.code }, explained.message)
    }
  }

  return {
    ownership,
    get generation() {
      return current?.generation ?? null
    },
    get partitionCount() {
      return owned.size
    },
    get joins() {
      return joins
    },
    attach(cluster) {
      attached = cluster
      registerHooks(cluster, { beforeJoin, afterJoin, outOfRange })
    },
    missing(topic) {
      madeLater.add(topic)
    },
    setMaxWait(milliseconds) {
      if (joinedGroup !== null) joinedGroup.maxWaitTime = milliseconds
    },
    owns: ({ topic, partition }) => owned.has(`${topic}/${partition}`),
    observeEnd(batch) {
      if (batch.nextOffset >= batch.endOffset) {
        log.debug(
          {
            event: 'partition.end',
            topic: batch.topic,
            partition: batch.partition,
            offset: batch.endOffset,
          },
          'Reached the end of the partition',
        )
      }
    },
    drop() {
      attached = null
      const assignment = release()
      if (assignment !== null) lost(assignment)
    },
    async leave() {
      attached = null
      if (current !== null) leaving = revoke(current)
      await leaving
      release()
    },
  }
}

function byTopic(partitions: readonly TopicPartition[]): Record<string, number[]> {
  const topics: Record<string, number[]> = {}
  for (const { topic, partition } of partitions) {
    topics[topic] ??= []
    topics[topic].push(partition)
  }
  return topics
}
