import type { Consumer, EachBatchPayload } from 'kafkajs'
import type { Clock } from '../kernel/clock.ts'
import { messageOf, OccError } from '../kernel/errors.ts'
import { sleep, withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import { type Client, createClient } from './client.ts'
import { createConsumer } from './consumer.ts'
import { explain, protocolType } from './errors.ts'
import { createMembership } from './membership.ts'
import { createPausing } from './pausing.ts'
import { toRecordBatch } from './record-batch.ts'
import type {
  BrokerOptions,
  GroupMember,
  MemberListener,
  MemberOptions,
  MemberState,
  MemberView,
} from './types.ts'

const TOPIC_POLL = 2_000
const FIRST_BACKOFF = 250
const LONGEST_BACKOFF = 5_000
const DISCONNECT_DEADLINE = 5_000
/** Beyond the longest silence that kafkajs has a reason for: a JoinGroup that waits for others. */
const WATCHDOG_MARGIN = 60_000

/**
 * One member of the group: a kafkajs consumer that is made anew after every crash, because
 * kafkajs either restarts for ever or not at all. What it learns goes to the listener; it never
 * handles anything itself, so its fetch loop never waits for a handler.
 */
export function createGroupMember(
  broker: BrokerOptions,
  options: MemberOptions,
  listener: MemberListener,
  clock: Clock,
  log: Log,
): GroupMember {
  const stopping = new AbortController()
  const membership = createMembership(options, listener, clock, log, { joining, joined, fail })
  let state: MemberState = 'connecting'
  let reason: string | null = 'connecting to the brokers'
  let lastTurn = clock.monotonic()
  let lastHealthy = clock.monotonic()
  let everJoined = false
  let consumer: Consumer | null = null
  let crashed: ((error: unknown) => void) | null = null
  // kafkajs throws when asked to pause before its consumer runs; then there is nothing to pause.
  const pausing = createPausing(() => (membership.partitionCount > 0 ? consumer : null), clock)
  /** kafkajs leaves a group that it is just joining only when it has joined. */
  let started: Promise<void> = Promise.resolve()

  function turn(): void {
    lastTurn = clock.monotonic()
  }

  function healthy(): void {
    lastHealthy = clock.monotonic()
  }

  function joining(): void {
    turn()
    state = 'joining'
    reason = everJoined ? 'the group is rebalancing' : 'joining the consumer group'
  }

  function joined(): void {
    turn()
    everJoined = true
    healthy()
    state = 'joined'
    reason = null
    // kafkajs keeps partitions paused over a rejoin; whoever paused them starts afresh.
    pausing.resumeAll()
  }

  /** Ends the current consumer; the supervisor makes a new one. */
  function fail(error: unknown): void {
    crashed?.(error)
  }

  async function run(): Promise<void> {
    let backoff = FIRST_BACKOFF
    while (!stopping.signal.aborted) {
      turn()
      const joinedBefore = membership.joins
      let client: Client | null = null
      try {
        client = createClient(broker, log)
        await consumeOnce(client)
      } catch (error) {
        if (stopping.signal.aborted) break
        const doing = `Consuming ${options.topics.join(', ')}`
        const explained = explain(error, doing, client?.socketErrors)
        if (membership.joins > joinedBefore) backoff = FIRST_BACKOFF
        giveUpOrWait(explained)
        await sleep(backoff, stopping.signal)
        backoff = Math.min(backoff * 2, LONGEST_BACKOFF)
      }
    }
    state = 'stopped'
    reason = 'stopped'
  }

  /** Throws what no waiting mends; else says why it is not consuming and lets the caller retry. */
  function giveUpOrWait(error: OccError): void {
    listener.failed(error)
    // One of them was deleted; it may be back before it is missed.
    if (error.code === 'OCC_TOPIC_UNKNOWN' && everJoined) options.topics.forEach(membership.missing)
    const brokenFor = clock.monotonic() - lastHealthy
    if (!error.retriable && !everJoined) throw error
    if (brokenFor > options.restartWindow) {
      throw new OccError(
        'OCC_BROKER_LOST',
        `Not consuming for ${Math.round(brokenFor / 1000)} s (kafka.restartWindow), giving up. ${error.message}`,
        { cause: error },
      )
    }
    state = 'connecting'
    reason = error.message
    log.warn({ event: 'member.restarting', member: options.name, code: error.code }, error.message)
  }

  /** Resolves when stopped, rejects when the consumer has crashed or hangs. */
  async function consumeOnce(client: Client): Promise<void> {
    let watchdog: NodeJS.Timeout | undefined
    const crash = new Promise<never>((_, reject) => {
      crashed = reject
    })
    crash.catch(() => {})
    started = Promise.resolve()
    const current = createConsumer(client.kafka, options, membership, listener, {
      fetching() {
        turn()
        membership.setMaxWait(pausing.maxWait(options.fetch.maxWait))
      },
      turn,
      healthy,
      fail,
    })
    consumer = current
    try {
      state = 'connecting'
      await Promise.race([current.connect(), crash])
      await subscribe(current)
      if (stopping.signal.aborted) return
      joining()
      pausing.forget()
      watchdog = setInterval(() => checkTurns(), 5_000)
      started = current.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => eachBatch(payload),
      })
      await Promise.race([started, crash])
      await Promise.race([crash, stopped()])
    } finally {
      clearInterval(watchdog)
      crashed = null
      if (!stopping.signal.aborted) {
        membership.drop()
        consumer = null
        await quietly(disconnect(current))
      }
    }
  }

  function stopped(): Promise<void> {
    return new Promise((resolve) => {
      if (stopping.signal.aborted) resolve()
      else stopping.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  function checkTurns(): void {
    const silent = clock.monotonic() - lastTurn
    if (silent > options.rebalanceTimeout + WATCHDOG_MARGIN) {
      fail(new OccError('OCC_LOOP_STUCK', `The fetch loop has not turned for ${silent} ms.`))
    }
  }

  /** An unknown topic is waited for, and said: never created by a typo. */
  async function subscribe(current: Consumer): Promise<void> {
    for (const topic of options.topics) {
      while (!stopping.signal.aborted) {
        turn()
        try {
          await current.subscribe({ topics: [topic], fromBeginning: true })
          break
        } catch (error) {
          if (protocolType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
          membership.missing(topic)
          healthy()
          if (state !== 'waiting') {
            log.warn(
              { event: 'topic.missing', member: options.name, topic },
              `The topic "${topic}" does not exist on the brokers; waiting for it. Check kafka.topics, or create it.`,
            )
          }
          state = 'waiting'
          reason = `the topic "${topic}" does not exist on the brokers; waiting for it`
          await sleep(TOPIC_POLL, stopping.signal)
        }
      }
    }
  }

  /** Hands the records on and returns. Throwing here would stop all of kafkajs's fetchers. */
  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    turn()
    const { batch, resolveOffset } = payload
    const last = batch.messages.at(-1)
    if (last === undefined || !membership.owns(batch)) return
    try {
      const records = toRecordBatch(batch)
      listener.batch(records)
      resolveOffset(last.offset)
      membership.observeEnd(records)
    } catch (error) {
      fail(error)
      return
    }
    while (nothingToFetch()) {
      await pausing.resumed(options.heartbeatInterval)
      turn()
      try {
        await payload.heartbeat()
      } catch {
        return // kafkajs's own heartbeat meets the same error next, and rejoins
      }
    }
  }

  /**
   * kafkajs sleeps for a whole `maxWait` when all partitions are paused, deaf to a resume. Holding
   * the last batch until one is resumed costs nothing, because there is nothing to fetch.
   */
  function nothingToFetch(): boolean {
    const count = membership.partitionCount
    return !stopping.signal.aborted && count > 0 && pausing.count >= count
  }

  async function disconnect(current: Consumer): Promise<void> {
    await Promise.allSettled([started])
    await current.disconnect()
  }

  async function quietly(work: Promise<void>, deadline = DISCONNECT_DEADLINE): Promise<void> {
    try {
      await withDeadline(work, deadline, 'Leaving the group and disconnecting')
    } catch (error) {
      log.debug({ event: 'member.disconnect', error: messageOf(error) }, 'Disconnecting failed')
    }
  }

  return {
    get view(): MemberView {
      return { id: options.name, state, generation: membership.generation, reason, lastTurn }
    },
    run,
    pause: pausing.pause,
    resume: pausing.resume,
    async stop(deadline) {
      stopping.abort()
      await membership.leave()
      pausing.wake()
      const current = consumer
      consumer = null
      if (current !== null) await quietly(disconnect(current), deadline)
      state = 'stopped'
      reason = 'stopped'
    },
  }
}
