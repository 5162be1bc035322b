import type { TestContext } from 'node:test'
import { createGroupMember } from '../../src/broker/member.ts'
import type {
  AssignedPartition,
  BrokerOptions,
  GroupMember,
  MemberControl,
  MemberListener,
  MemberOptions,
} from '../../src/broker/types.ts'
import { createCommitter } from '../../src/commit/committer.ts'
import { OffsetTracker } from '../../src/commit/offset-tracker.ts'
import { lz4Codec } from '../../src/decode/lz4/codec.ts'
import { createEngine, type Engine } from '../../src/flow/engine.ts'
import type { FlowOptions, PartitionProcessor } from '../../src/flow/types.ts'
import { OK } from '../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../src/kernel/shapes/record.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { createMeters } from '../../src/observe/meters/meters.ts'
import type { Meters } from '../../src/observe/types.ts'
import { createCapturedLog, type LogLine } from './captured-log.ts'
import { until } from './waiting.ts'

export function memberOptions(overrides: Partial<MemberOptions>): MemberOptions {
  return {
    name: 'member',
    groupId: 'group',
    groupInstanceId: null,
    assignors: ['cooperative-sticky'],
    topics: [],
    autoOffsetReset: 'earliest',
    readUncommitted: false,
    checkCrcs: true,
    maxBatchBytes: 64e6,
    corruptBatches: 'hold',
    sessionTimeout: 20_000,
    heartbeatInterval: 200,
    rebalanceTimeout: 20_000,
    metadataMaxAge: 1_000,
    // More than a broker that starts again needs on a machine that does much else.
    restartWindow: 600_000,
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
  /** What came to it, in its order. */
  readonly assigned: ReadonlyArray<readonly AssignedPartition[]>
  partitions(): number[]
  joined(): Promise<void>
  /** As the service does it: drain, leave. */
  leave(): Promise<void>
}

export interface ConsumingOptions extends Partial<FlowOptions> {
  readonly member: Partial<MemberOptions>
  readonly process?: PartitionProcessor['process']
  /** What the processors have beside it. */
  readonly processor?: Omit<PartitionProcessor, 'process'>
  /** Milliseconds between commits. */
  readonly commitInterval?: number
}

/** Members wired to an engine of their own as the service does it; all ended with the test. */
export function consuming(
  t: TestContext,
  { broker }: { readonly broker: BrokerOptions },
  { member: shared, process, processor, commitInterval = 100, ...flow }: ConsumingOptions,
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
      maxBytes: 64e6,
      maxBytesPerPartition: 4e6,
      maxRecordsPerPartition: 4_000,
      rebalanceDrain: 10_000,
      commitMode: 'interval',
      order: 'partition',
      concurrency: 1_000,
      maxInFlight: 4_000,
      maxInFlightBytes: 8e6,
      maxRecordsPerSecond: 0,
      retry: { attempts: 3, backoff: 20, maxBackoff: 100, maxAfter: 60_000 },
      circuit: {
        failures: 10,
        firstFailures: 10,
        probeAfter: 100,
        maxProbeAfter: 1_000,
        patience: 60_000,
      },
      ...flow,
    },
    {
      openProcessor: () => ({ process: handle, ...processor }),
      deadLetters: { keep: async () => {} },
      letterMeter: meters.deadLetterTarget('test'),
      createTracker: ({ startOffset, finished }) => new OffsetTracker(startOffset, finished),
      createCommitter: (target) =>
        createCommitter(
          target,
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
    const assigned: Array<readonly AssignedPartition[]> = []
    const control: MemberControl = {
      pause: (partition) => member.pause(partition),
      resume: (partition) => member.resume(partition),
      commit: (offsets) => member.commit(offsets),
      move: (offset) => member.move(offset),
      unreadable: (batch, error) => member.unreadable(batch, error),
    }
    const inner = engine.listen(options.name, control)
    const listener: MemberListener = {
      ...inner,
      assigned(partitions) {
        assigned.push(partitions)
        inner.assigned(partitions)
      },
    }
    const member: GroupMember = createGroupMember(
      own,
      options,
      listener,
      systemClock,
      log,
      lz4Codec,
    )
    const running = member.run()
    running.catch(() => {})
    const joined: Joined = {
      member,
      running,
      assigned,
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
