import { messageOf, OccError, toOccError } from '../kernel/errors.ts'
import { sleep, withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'
import { counted } from '../kernel/text/counted.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { Lz4 } from './batch/decompress.ts'
import { Links } from './cluster/links.ts'
import { Metadata } from './cluster/metadata.ts'
import { Topics } from './cluster/topics.ts'
import { Fetching } from './fetch/fetching.ts'
import { Coordinator } from './group/coordinator.ts'
import { Leader } from './group/leader.ts'
import { Membership } from './group/membership.ts'
import type { GroupFacts } from './group/refusals.ts'
import { Unassigned } from './group/unassigned.ts'
import { Anew } from './offsets/anew.ts'
import { Commits } from './offsets/commits.ts'
import type { OffsetClaims } from './offsets/offset-claims.ts'
import { Starting } from './offsets/starting.ts'
import { describeGroupsApi } from './protocol/index.ts'
import type {
  BrokerOptions,
  GroupMember,
  MemberListener,
  MemberOptions,
  MemberState,
  MemberView,
} from './types.ts'

/** The member is not ready when heartbeats have failed for this long. Milliseconds. */
const SILENCE = 3_000
const DESCRIBE_TIMEOUT = 5_000
/**
 * Time to leave the group if the coordinator has been silent: it is unlikely to answer.
 * Milliseconds.
 */
const LEAVE_TIMEOUT = 1_000
/** Added to the rebalance timeout: a longer round means that the loop is stuck. Milliseconds. */
const ROUND_MARGIN = 60_000

/**
 * One member of the group: wires its parts. `Membership` decides which partitions it owns,
 * `Starting` finds their start offsets, `Fetching` fetches their batches, `Commits` commits their
 * offsets, `Anew` begins one again whose offset is set or whose claim was lost. None of them handles
 * records, so nothing here waits for a handler, except for the drain of a revoked partition.
 */
export function createGroupMember(
  broker: BrokerOptions,
  options: MemberOptions,
  listener: MemberListener,
  clock: Clock,
  log: Log,
  lz4: Lz4,
  /** A store of offsets beside Kafka; null: Kafka alone has them. */
  claims: OffsetClaims | null = null,
): GroupMember {
  const { requestTimeout } = broker
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const stopped = Promise.withResolvers<void>()
  let state: MemberState = 'connecting'
  let reason: string | null = 'connecting to the brokers'
  let lastTurn = clock.monotonic()
  let roundSince: number | null = null
  let everJoined = false
  let lastFailure: OccError | null = null

  const links = new Links(broker, log)
  const metadata = new Metadata(links, options.metadataMaxAge, clock, log, metadataChanged)
  const topics = new Topics(options, metadata, log)
  const coordinator = new Coordinator(links, options.groupId, clock)
  const unassigned = new Unassigned({
    options,
    metadata,
    clock,
    describe: describeGroup,
    rejoin: (why) => membership.rejoin(why),
  })
  const leader = new Leader(metadata, options.topics, unassigned, log)
  const membership = new Membership(options, coordinator, leader, events(), clock, log)
  const epochBefore = (partition: TopicPartition, offset: number) =>
    fetching.epochBefore(partition, offset)
  const commits = new Commits(options, coordinator, membership, epochBefore)
  const reader = { ...options, lz4 }
  const shared = { options, links, metadata, listener, requestTimeout, clock, log }
  const fetching = new Fetching({ ...shared, reader, turn })
  const starting = new Starting(
    {
      options,
      cluster: { links, metadata },
      coordinator,
      commits,
      log,
      requestTimeout,
      madeLater: topics.madeLater,
      claims,
      generation: () => membership.generation,
      epochBefore,
    },
    {
      owns: (partition) => membership.owns(partition),
      ready(partitions) {
        listener.assigned(partitions)
        fetching.add(partitions)
      },
      waits: (partition, error) =>
        listener.problem(partition, {
          reason: error.code === 'OCC_TOPIC_NOT_AUTHORIZED' ? 'not-authorized' : 'offset',
          message: error.message,
          since: clock.now(),
          damage: null,
        }),
      failed(error) {
        listener.failed(error)
        if (!error.retriable) failure.reject(error)
      },
      fenced: (partition) => anew.fenced(partition),
    },
  )
  const anew = new Anew({
    ...{ member: options.name, membership, fetching, starting, commits, claims, log },
    lose: (partition) => listener.lost(takeAway([partition])),
  })

  function turn(): void {
    // A round that takes too long counts as a loop that makes no progress.
    const now = clock.monotonic()
    const limit = options.rebalanceTimeout + ROUND_MARGIN
    if (roundSince === null || now - roundSince < limit) lastTurn = now
  }

  function metadataChanged(): void {
    fetching.metadataChanged()
    topics.look()
    if (membership.isStable) unassigned.look()
    if (leader.hasChanged()) membership.rejoin('the partitions of a topic have changed')
  }

  function events() {
    return {
      turn,
      async topicsKnown(signal: AbortSignal) {
        // Missing topics are not a hanging round.
        roundSince = null
        await topics.untilKnown(
          signal,
          (missing) => {
            state = 'waiting'
            reason = missing
          },
          failed,
        )
        roundSince = clock.monotonic()
      },
      joining() {
        // Cooperative: its partitions continue, so it remains a working member.
        if (membership.size > 0) return
        state = 'joining'
        reason = everJoined ? 'the group is rebalancing' : 'joining the consumer group'
      },
      joined() {
        everJoined = true
        roundSince = null
        state = 'joined'
        reason = null
      },
      assigned: (partitions: readonly TopicPartition[]) => starting.add(partitions),
      async revoking(partitions: readonly TopicPartition[]) {
        const begun = takeAway(partitions)
        if (begun.length === 0) return
        await listener.revoking(begun)
        const { generation } = membership
        const fields = { member: options.name, generation, partitions: namesOf(begun) }
        log.info(
          { event: 'partitions.revoked', ...fields },
          `Revoked ${counted(begun.length, 'partition')}`,
        )
      },
      lost(partitions: readonly TopicPartition[], why: string) {
        const begun = takeAway(partitions)
        if (begun.length > 0) listener.lost(begun)
        log.warn(
          { event: 'partitions.lost', member: options.name, partitions: namesOf(partitions) },
          `Lost ${counted(partitions.length, 'partition')}: ${why}`,
        )
      },
      rebalanced(report: Parameters<MemberListener['rebalanced']>[0]) {
        listener.rebalanced(report)
        const { generation, protocol, added, removed } = report
        log.info(
          {
            event: 'group.rebalanced',
            member: options.name,
            generation,
            protocol,
            added,
            removed,
            milliseconds: Math.round(report.duration),
          },
          `Generation ${generation} (${protocol}): ${counted(added, 'partition')} added, ${removed} removed`,
        )
      },
      failed,
      groupFacts,
    }
  }

  /** Removes the partitions. Returns those that had started: the listener has to finish them. */
  function takeAway(partitions: readonly TopicPartition[]): TopicPartition[] {
    anew.takenAway(partitions)
    const begun = starting.remove(partitions)
    fetching.remove(begun)
    for (const each of partitions) if (!begun.includes(each)) listener.problem(each, null)
    return begun
  }

  /** @throws the error if waiting cannot solve it */
  function failed(problem: unknown): void {
    const error = toOccError(problem, 'OCC_MEMBER', { retriable: true })
    // An error thrown here also arrives a second time.
    if (error !== lastFailure) listener.failed(error)
    lastFailure = error
    if (!error.retriable && (!everJoined || error.code === 'OCC_INSTANCE_FENCED')) throw error
    const brokenFor = clock.monotonic() - Math.max(coordinator.heardAt, metadata.answeredAt)
    if (brokenFor > options.restartWindow) {
      throw new OccError(
        'OCC_BROKER_LOST',
        `Not consuming for ${Math.round(brokenFor / 1000)} s (kafka.restartWindow), so this member stops. ${error.message}`,
        { cause: error },
      )
    }
    roundSince = null
    // What only somebody can change, such as a right that is withdrawn, is not a broker that is away.
    state = error.retriable ? 'connecting' : 'waiting'
    reason = error.message
    log.warn({ event: 'member.restarting', member: options.name, code: error.code }, error.message)
  }

  async function describeGroup() {
    const request = { groups: [options.groupId] }
    const answer = await coordinator.send(describeGroupsApi, request, 'group', DESCRIBE_TIMEOUT)
    return answer.groups[0]
  }

  async function groupFacts(): Promise<GroupFacts> {
    const group = await describeGroup()
    return { protocol: group?.protocol ?? null, protocolType: group?.protocolType ?? null }
  }

  function view(): MemberView {
    const { generation } = membership
    const base = { id: options.name, generation, lastTurn }
    const silence = clock.monotonic() - coordinator.heardAt
    if (state === 'joined' && silence > Math.max(SILENCE, 3 * options.heartbeatInterval)) {
      const why = coordinator.problem?.message ?? 'it does not answer'
      const text = `the coordinator of the group has been silent for ${Math.round(silence / 1000)} s: ${why}`
      return { ...base, state: 'connecting', reason: text }
    }
    // A working member has start offsets. If it ended before that, it would leave no commit.
    if (state === 'joined' && starting.isLooking) {
      return { ...base, state: 'joining', reason: 'looking up the start offsets of its partitions' }
    }
    const unread = topics.missing ?? topics.refused
    if (state === 'joined' && unread !== null) return { ...base, state: 'waiting', reason: unread }
    return { ...base, state, reason }
  }

  function close(): void {
    starting.stop()
    fetching.stop()
    metadata.stop()
    links.close()
    state = 'stopped'
    reason = 'stopped'
  }

  return {
    get view() {
      return view()
    },
    async run() {
      metadata.watch(options.topics)
      fetching.start()
      // On a failure the caller stops the member, which then leaves the group as usual.
      const ended = membership.run().then(() => stopped.promise)
      await Promise.race([ended, failure.promise])
    },
    pause: (partition) => fetching.pause(partition),
    resume: (partition) => fetching.resume(partition),
    commit: (offsets) => commits.commit(offsets),
    move: (offset) => anew.move(offset),
    unreadable: (batch, error) => fetching.unreadable(batch, error),
    retire: () => membership.retire(),
    async stop(deadline) {
      try {
        // On a busy machine, a few seconds without an answer are normal.
        const long = Math.max(SILENCE, options.sessionTimeout / 3)
        const isAway = clock.monotonic() - coordinator.heardAt > long
        const leaving = membership.stop(isAway ? Math.min(LEAVE_TIMEOUT, deadline) : deadline)
        await withDeadline(leaving, deadline, 'Leaving the group')
      } catch (error) {
        log.debug({ event: 'member.leave-failed', error: messageOf(error) }, 'Leaving failed')
      }
      close()
      // Requests in flight are rejected by now.
      await sleep(0)
      stopped.resolve()
    },
  }
}

function namesOf(partitions: readonly TopicPartition[]): string[] {
  return partitions.map(partitionName)
}
