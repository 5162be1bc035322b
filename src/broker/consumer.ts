import type { Consumer, Kafka } from 'kafkajs'
import type { Membership } from './membership.ts'
import { createStickyAssigner } from './sticky-assigner.ts'
import type { MemberListener, MemberOptions } from './types.ts'

export interface ConsumerEvents {
  /** A fetch is about to go out. */
  fetching(): void
  /** The loop turns. */
  turn(): void
  /** The brokers answer. */
  healthy(): void
  fail(error: unknown): void
}

/** A kafkajs consumer of our settings, which tells what it does and is not restarted by itself. */
export function createConsumer(
  kafka: Kafka,
  options: MemberOptions,
  membership: Membership,
  listener: MemberListener,
  { fetching, turn, healthy, fail }: ConsumerEvents,
): Consumer {
  const consumer = kafka.consumer({
    groupId: options.groupId,
    partitionAssigners: [
      createStickyAssigner(membership.ownership, (cluster) => membership.attach(cluster)),
    ],
    sessionTimeout: options.sessionTimeout,
    heartbeatInterval: options.heartbeatInterval,
    rebalanceTimeout: options.rebalanceTimeout,
    metadataMaxAge: options.metadataMaxAge,
    maxBytesPerPartition: options.fetch.maxBytesPerPartition,
    minBytes: options.fetch.minBytes,
    maxBytes: options.fetch.maxBytes,
    maxWaitTimeInMs: options.fetch.maxWait,
    readUncommitted: options.readUncommitted,
    rackId: options.rackId,
    allowAutoTopicCreation: false,
    // The supervisor restarts, with a bound and a reason to show.
    retry: { restartOnFailure: async () => false },
  })
  const { events } = consumer
  consumer.on(events.CRASH, ({ payload }) => fail(payload.error))
  consumer.on(events.FETCH_START, fetching)
  consumer.on(events.HEARTBEAT, () => {
    turn()
    healthy()
  })
  consumer.on(events.FETCH, ({ payload }) => {
    turn()
    healthy()
    listener.fetched(payload.duration / 1000)
  })
  // A batch of nothing but control records never reaches eachBatch.
  consumer.on(events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) {
      listener.skipped(payload, Number(payload.lastOffset) + 1)
    }
  })
  return consumer
}
