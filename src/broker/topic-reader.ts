import { randomUUID } from 'node:crypto'
import type { Consumer, EachBatchPayload } from 'kafkajs'
import { withDeadline } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import { type Client, createClient } from './client.ts'
import { explain } from './errors.ts'
import { toOffset } from './offsets.ts'
import { toRecordBatch } from './record-batch.ts'
import type { BrokerOptions } from './types.ts'

const CLOSE_DEADLINE = 5_000
const HEARTBEAT = 1_000
/** On a fresh cluster the coordinator of a new group takes seconds to come up. */
const RESTARTS = 40
const RESTART_PAUSE = 300

export interface ReadOptions {
  /** A group of a name that begins so is joined for as long as it reads, and removed after it. */
  readonly groupPrefix: string
  /** The configuration's section that the options came from, for remedies. */
  readonly section: string
}

/**
 * The records of a topic from its first to the last one there is now, in the order of each
 * partition. Nothing is fetched ahead of the caller by more than one fetch; one who stops early
 * ends it. Rejects with OCC_TOPIC_UNKNOWN when there is no such topic.
 */
export async function* readTopic(
  options: BrokerOptions,
  topic: string,
  { groupPrefix, section }: ReadOptions,
  log: Log,
): AsyncGenerator<KafkaRecord> {
  const client = createClient(options, log)
  const groupId = `${groupPrefix}-${randomUUID()}`
  const ends = await endOffsets(client, topic, section)
  if (ends.size === 0) return
  const batches = createHandover<readonly KafkaRecord[]>()
  let crashes = 0
  const consumer = client.kafka.consumer({
    groupId,
    sessionTimeout: 30_000,
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: RESTART_PAUSE, restartOnFailure: async () => ++crashes < RESTARTS },
  })
  try {
    await start(consumer, topic, ends, batches)
    for (let records = await batches.take(); records !== null; records = await batches.take()) {
      yield* records
    }
  } catch (error) {
    throw explain(error, `Reading the topic "${topic}"`, client.socketErrors, { section })
  } finally {
    batches.finish()
    await withDeadline(consumer.disconnect(), CLOSE_DEADLINE, 'Leaving').catch(() => {})
    await forget(client, groupId)
  }
}

/** Where each partition that holds records ends now; nothing may come of what is written later. */
async function endOffsets({ kafka, socketErrors }: Client, topic: string, section: string) {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const offsets = await admin.fetchTopicOffsets(topic)
    const filled = offsets.filter(({ low, high }) => low !== high)
    return new Map(filled.map(({ partition, high }) => [partition, toOffset(high)]))
  } catch (error) {
    throw explain(error, `Reading the topic "${topic}"`, socketErrors, { section })
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

async function start(
  consumer: Consumer,
  topic: string,
  ends: ReadonlyMap<number, number>,
  batches: Handover<readonly KafkaRecord[]>,
): Promise<void> {
  /** The next offset of each partition: after a lost membership kafkajs begins anew. */
  const next = new Map([...ends.keys()].map((partition) => [partition, 0]))
  const advance = (partition: number, offset: number) => {
    next.set(partition, Math.max(offset, next.get(partition) ?? 0))
    const isDone = [...ends].every(([at, end]) => (next.get(at) ?? 0) >= end)
    if (isDone) batches.finish()
  }
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) batches.finish(payload.error)
  })
  // Batches of nothing but control records never reach eachBatch.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) advance(payload.partition, Number(payload.lastOffset) + 1)
  })

  async function eachBatch({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const { partition, records, nextOffset } = toRecordBatch(batch)
    const from = next.get(partition) ?? 0
    const to = ends.get(partition) ?? 0
    const wanted = records.filter(({ offset }) => offset >= from && offset < to)
    // Whoever reads may be slow, and the group waits for no one.
    const beating = setInterval(() => void heartbeat().catch(() => {}), HEARTBEAT)
    try {
      await batches.put(wanted)
    } finally {
      clearInterval(beating)
    }
    resolveOffset(batch.lastOffset())
    advance(partition, nextOffset)
  }

  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
}

/** The group was for this reading only. */
async function forget({ kafka }: Client, groupId: string): Promise<void> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    await admin.deleteGroups([groupId])
  } catch {
    // Without the right to, the brokers forget an empty group by themselves.
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

interface Handover<T> {
  /** Resolves when the item was taken and the next one is asked for, or nothing is any more. */
  put(item: T): Promise<void>
  /** null: finished. */
  take(): Promise<T | null>
  /** The second time and later: nothing happens. */
  finish(error?: Error): void
}

/** One item at a time from a pushing side to a pulling one. */
function createHandover<T>(): Handover<T> {
  let offered: { readonly item: T; taken(): void } | null = null
  let waiting: (() => void) | null = null
  let current: { taken(): void } | null = null
  let finished = false
  let failure: Error | undefined
  const wake = () => {
    waiting?.()
    waiting = null
  }
  return {
    async put(item) {
      if (finished) return
      const { promise, resolve } = Promise.withResolvers<void>()
      offered = { item, taken: resolve }
      wake()
      await promise
    },
    async take() {
      current?.taken()
      current = null
      while (offered === null && !finished) {
        await new Promise<void>((resolve) => {
          waiting = resolve
        })
      }
      if (failure !== undefined) throw failure
      const next = offered
      offered = null
      current = next
      return next === null ? null : next.item
    },
    finish(error) {
      if (finished) return
      finished = true
      failure = error
      offered?.taken()
      current?.taken()
      wake()
    },
  }
}
