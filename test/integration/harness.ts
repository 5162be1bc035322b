import { after, before, type TestContext } from 'node:test'
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { startKafka } from '../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka, KafkaOptions } from '../../dev/kafka/types.ts'
import { createGroupMember } from '../../src/broker/member.ts'
import { fixRequestQueue } from '../../src/broker/request-queue-fix.ts'
import type {
  Assignment,
  BrokerOptions,
  GroupMember,
  MemberListener,
  MemberOptions,
} from '../../src/broker/types.ts'
import { createCommitter } from '../../src/commit/committer.ts'
import { OffsetTracker } from '../../src/commit/offset-tracker.ts'
import { createEngine, type Engine } from '../../src/flow/engine.ts'
import type { FlowOptions, PartitionProcessor } from '../../src/flow/types.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Log, LogFields } from '../../src/kernel/log.ts'
import { OK } from '../../src/kernel/outcome.ts'
import type { KafkaRecord } from '../../src/kernel/record.ts'
import { createMeters } from '../../src/observe/meters.ts'
import type { Meters } from '../../src/observe/types.ts'

/** Asked again until it holds: for what has no event. Fails with `what` after a generous time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  milliseconds = 30_000,
): Promise<void> {
  const deadline = performance.now() + milliseconds
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`waited in vain: ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly fields: LogFields
  readonly text: string
}

/** Keeps every line, at every level. */
export function createCapturedLog(lines: LogLine[] = []): Log & { readonly lines: LogLine[] } {
  const write = (level: LogLine['level']) => (fields: LogFields, text: string) => {
    lines.push({ level, fields, text })
  }
  return {
    lines,
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: () => createCapturedLog(lines),
  }
}

export interface TestKafka {
  readonly kafka: EmbeddedKafka
  readonly admin: Admin
  readonly client: Kafka
  /** How to reach its plaintext listener. */
  readonly broker: BrokerOptions
  createTopic(topic: string, partitions?: number, config?: Record<string, string>): Promise<void>
  /** Sends the values to one partition. */
  produce(topic: string, values: readonly string[], partition?: number): Promise<void>
  /** The group's committed offsets by partition; -1 where there is none. */
  committed(group: string, topic: string): Promise<number[]>
}

/**
 * One embedded Kafka for the tests of a file, started before them and gone after them. `prepare`
 * runs in between: node:test does not wait for one `before` of a file with the next.
 */
export function useKafka(
  options: KafkaOptions = {},
  prepare: (it: TestKafka) => Promise<void> = async () => {},
): TestKafka {
  let started: { kafka: EmbeddedKafka; client: Kafka; admin: Admin; producer: Producer } | undefined
  const parts = () => {
    if (started === undefined) throw new Error('the embedded Kafka is not up yet')
    return started
  }
  before(async () => {
    const kafka = await startKafka(options)
    fixRequestQueue()
    const client = new Kafka({ brokers: [kafka.brokers.plaintext], logLevel: logLevel.NOTHING })
    const producer = client.producer({ metadataMaxAge: 100 })
    started = { kafka, client, admin: client.admin(), producer }
    await Promise.all([started.admin.connect(), started.producer.connect()])
    await prepare(it)
  })
  after(async () => {
    await Promise.allSettled([started?.admin.disconnect(), started?.producer.disconnect()])
    await started?.kafka.close()
  })
  const it: TestKafka = {
    get kafka() {
      return parts().kafka
    },
    get admin() {
      return parts().admin
    },
    get client() {
      return parts().client
    },
    get broker() {
      return brokerOptions(parts().kafka.brokers.plaintext, { protocol: 'PLAINTEXT' })
    },
    async createTopic(topic, numPartitions = 1, config = {}) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      const made = await parts().admin.createTopics({
        topics: [{ topic, numPartitions, configEntries }],
        waitForLeaders: true,
      })
      if (!made) throw new Error(`the topic ${topic} exists already`)
    },
    async produce(topic, values, partition = 0) {
      const messages = values.map((value) => ({ value, partition }))
      // kafkajs resolves with nothing, having sent nothing, while it does not know the partition.
      await until(async () => {
        const sent = await parts().producer.send({ topic, messages, acks: -1 })
        return sent.length > 0
      }, `partition ${partition} of ${topic} to be known`)
    },
    async committed(groupId, topic) {
      const [found] = await parts().admin.fetchOffsets({ groupId, topics: [topic] })
      const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition)
      return partitions.map(({ offset }) => Number(offset))
    },
  }
  return it
}

export function brokerOptions(address: string, security: BrokerOptions['security']): BrokerOptions {
  return {
    brokers: [address],
    clientId: 'integration-test',
    security,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
  }
}

export function memberOptions(overrides: Partial<MemberOptions>): MemberOptions {
  return {
    name: 'member',
    groupId: 'group',
    topics: [],
    autoOffsetReset: 'earliest',
    readUncommitted: false,
    sessionTimeout: 20_000,
    heartbeatInterval: 200,
    rebalanceTimeout: 20_000,
    metadataMaxAge: 1_000,
    restartWindow: 60_000,
    lagInterval: 300,
    rackId: '',
    fetch: { minBytes: 1, maxBytes: 16e6, maxBytesPerPartition: 1 << 20, maxWait: 200 },
    ...overrides,
  }
}

export interface Consuming {
  readonly engine: Engine
  readonly meters: Meters
  readonly lines: LogLine[]
  /** Every record whose handling ended, in that order. */
  readonly handled: KafkaRecord[]
  values(): string[]
  /** Starts a member; options not given are the shared ones. */
  join(overrides?: Partial<MemberOptions> & { broker?: BrokerOptions }): Joined
}

export interface Joined {
  readonly member: GroupMember
  /** As of `member.run()`; a rejection is not reported as unhandled. */
  readonly running: Promise<void>
  readonly assignments: Assignment[]
  partitions(): number[]
  joined(): Promise<void>
  /** As the service does it: drain, leave. */
  leave(): Promise<void>
}

export interface ConsumingOptions extends Partial<FlowOptions> {
  readonly member: Partial<MemberOptions>
  readonly process?: PartitionProcessor['process']
  /** Milliseconds between commits. */
  readonly commitInterval?: number
}

/** Members wired to an engine of their own as the service does it; all ended with the test. */
export function consuming(
  t: TestContext,
  { broker }: Pick<TestKafka, 'broker'>,
  { member: shared, process, commitInterval = 100, ...flow }: ConsumingOptions,
): Consuming {
  const log = createCapturedLog()
  const meters = createMeters()
  const handled: KafkaRecord[] = []
  const members: Joined[] = []
  const handle: PartitionProcessor['process'] = (record, signal) => {
    const outcome = process?.(record, signal) ?? OK
    if (outcome instanceof Promise) void outcome.then(() => handled.push(record))
    else handled.push(record)
    return outcome
  }
  const engine = createEngine(
    {
      maxBytesPerPartition: 4e6,
      maxRecordsPerPartition: 4_000,
      rebalanceDrain: 10_000,
      commitMode: 'interval',
      ...flow,
    },
    {
      openProcessor: () => ({ process: handle }),
      keepFailed: async () => {},
      createTracker: ({ startOffset }) => new OffsetTracker(startOffset),
      createCommitter: (assignment, partitions) =>
        createCommitter(
          assignment,
          partitions,
          { mode: flow.commitMode ?? 'interval', interval: commitInterval, everyRecords: 10_000 },
          {
            committed(result) {
              meters.process.commits[result] += 1
            },
          },
          log,
        ),
      meters,
      clock: systemClock,
      log,
    },
  )
  t.after(async () => {
    await engine.drain(0)
    await Promise.all(members.map((joined) => joined.member.stop(5_000)))
    await Promise.allSettled(members.map((joined) => joined.running))
    engine.close()
  })

  function join({ broker: own = broker, ...overrides }: Parameters<Consuming['join']>[0] = {}) {
    const options = memberOptions({
      name: `member-${members.length}`,
      ...shared,
      ...overrides,
    })
    const assignments: Assignment[] = []
    const inner = engine.listen(options.name, {
      pause: (partition) => member.pause(partition),
      resume: (partition) => member.resume(partition),
    })
    const listener: MemberListener = {
      ...inner,
      assigned(assignment) {
        assignments.push(assignment)
        inner.assigned(assignment)
      },
    }
    const member: GroupMember = createGroupMember(own, options, listener, systemClock, log)
    const running = member.run()
    running.catch(() => {})
    const joined: Joined = {
      member,
      running,
      assignments,
      partitions: () =>
        engine
          .partitions()
          .filter((status) => status.member === options.name)
          .map(({ partition }) => partition)
          .sort((a, b) => a - b),
      joined: () =>
        until(
          () => member.view.state === 'joined',
          () => `${options.name} to join, it is ${JSON.stringify(member.view)}`,
        ),
      async leave() {
        await member.stop(5_000)
        await running
      },
    }
    members.push(joined)
    return joined
  }

  return {
    engine,
    meters,
    lines: log.lines,
    handled,
    values: () => handled.map(({ value }) => String(value)),
    join,
  }
}

/** `prefix-0` to `prefix-<count - 1>`. */
export function numbered(count: number, prefix = 'record'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}
