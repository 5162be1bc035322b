import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type CommitOptions, createCommitter } from '../../../../src/commit/committer.ts'
import { OffsetTracker } from '../../../../src/commit/offset-tracker.ts'
import { createEngine, type Engine } from '../../../../src/flow/engine.ts'
import type {
  FailedRecord,
  FlowOptions,
  FlowParts,
  Gate,
  ParkingPlace,
  PartitionProcessor,
} from '../../../../src/flow/types.ts'
import { CodedError, type OccError } from '../../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../../src/kernel/log.ts'
import {
  type Fault,
  OK,
  type Outcome,
  type RetryOutcome,
  retry,
} from '../../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../../../../src/kernel/shapes/record.ts'
import { type Clock, systemClock } from '../../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import type { DeadLetterMeter, Meters, PartitionStatus } from '../../../../src/observe/types.ts'
import { type FakeListener, FakeMember, listen } from './fake-member.ts'
import { nameOf } from './records.ts'

export { assign, type FakeAssignment, FakeMember, listen, TOPIC } from './fake-member.ts'
export {
  batchOf,
  batchOfKeys,
  nameOf,
  recordAt,
  recordsOf,
  sizeOfAll,
} from './records.ts'

export interface Flow {
  readonly engine: Engine
  readonly listener: FakeListener
  readonly member: FakeMember
  readonly meters: Meters
  /** `pause 0`, `resume 0`, as the flow asked for them. */
  readonly fetching: string[]
  /** Records handed to the handler, as `partition@offset`, in order. */
  readonly handed: string[]
  /** Dead letters that have been written, in order. */
  readonly letters: readonly FailedRecord[]
  readonly letterMeter: DeadLetterMeter
  /** Their records, as `partition@offset`. */
  dead(): string[]
  status(partition: number): PartitionStatus
  /** Changes options while it runs. */
  configure(changes: FlowChanges): void
}

/** What a test may set of the options; the others are those of `createFlow`. */
export interface FlowChanges extends Partial<Omit<FlowOptions, 'retry' | 'circuit'>> {
  readonly retry?: Partial<FlowOptions['retry']>
  readonly circuit?: Partial<FlowOptions['circuit']>
}

export interface FlowSetting {
  readonly options?: FlowChanges
  readonly commit?: Partial<CommitOptions>
  readonly handle?: (record: KafkaRecord, signal: AbortSignal) => Outcome | Promise<Outcome>
  readonly keepFailed?: (record: KafkaRecord, error: OccError) => Promise<void>
  /** What the processor of a partition has besides `process`. */
  readonly processor?: Omit<PartitionProcessor, 'process'>
  readonly processorOf?: (partition: TopicPartition) => Omit<PartitionProcessor, 'process'>
  /** Replaces all of these. */
  readonly openProcessor?: (partition: TopicPartition) => PartitionProcessor
  readonly parking?: ParkingPlace
  readonly outlet?: Gate
  readonly meters?: Meters
  readonly log?: Log
  readonly clock?: Clock
}

const BASE: FlowOptions = {
  maxBytes: 1_000_000_000,
  maxBytesPerPartition: 100_000_000,
  maxRecordsPerPartition: 1_000_000,
  rebalanceDrain: 1_000,
  commitMode: 'interval',
  order: 'partition',
  concurrency: 1_000,
  maxInFlight: 1_000_000,
  maxInFlightBytes: 100_000_000,
  maxRecordsPerSecond: 0,
  retry: { attempts: 3, backoff: 100, maxBackoff: 400, maxAfter: 2 ** 31 - 1 },
  circuit: {
    failures: 5,
    firstFailures: 5,
    probeAfter: 1_000,
    maxProbeAfter: 4_000,
    patience: 60_000,
  },
}

function optionsWith(options: FlowOptions, changes: FlowChanges = {}): FlowOptions {
  return {
    ...options,
    ...changes,
    retry: { ...options.retry, ...changes.retry },
    circuit: { ...options.circuit, ...changes.circuit },
  }
}

/**
 * The flow with the real tracker and committer. Only the broker and the handler are test doubles.
 */
export function createFlow(t: TestContext, setting: FlowSetting = {}): Flow {
  const { handle = () => OK, keepFailed = async () => {} } = setting
  const meters = setting.meters ?? createMeters()
  const member = new FakeMember()
  const handed: string[] = []
  const letters: FailedRecord[] = []
  const letterMeter = meters.deadLetterTarget('test')
  let options = optionsWith(BASE, setting.options)
  const commitOptions = {
    mode: options.commitMode,
    interval: 600_000,
    everyRecords: 1_000_000,
    ...setting.commit,
  }
  const parts: FlowParts = {
    openProcessor:
      setting.openProcessor ??
      ((partition) => ({
        process(record, signal) {
          handed.push(nameOf(record))
          return handle(record, signal)
        },
        ...setting.processor,
        ...setting.processorOf?.(partition),
      })),
    deadLetters: {
      async keep(letter) {
        await keepFailed(letter.record, letter.error)
        letters.push(letter)
      },
    },
    parking: setting.parking ?? null,
    outlet: setting.outlet ?? null,
    letterMeter,
    createTracker: ({ startOffset, finished }) => new OffsetTracker(startOffset, finished),
    createCommitter: (target) =>
      createCommitter(target, commitOptions, { committed() {} }, silentLog),
    meters,
    clock: setting.clock ?? systemClock,
    log: setting.log ?? silentLog,
    // Pauses have their maximum length.
    random: () => 1,
  }
  const engine = createEngine(options, parts)
  t.after(() => engine.close())
  return {
    engine,
    listener: listen(engine, 'consumer-0', member),
    member,
    meters,
    fetching: member.fetching,
    handed,
    letters,
    letterMeter,
    dead: () => letters.map(({ record }) => nameOf(record)),
    status(partition) {
      const found = engine.partitions().find((status) => status.partition === partition)
      assert.ok(found, `partition ${partition} is not assigned`)
      return found
    },
    configure(changes) {
      options = optionsWith(options, changes)
      engine.configure(options)
    },
  }
}

/** The answers of a handler of that name: done, another attempt, or another one for this reason. */
export const done = (handler = 'h'): Outcome => ({ kind: 'ok', handlers: [handler] })
export const again = (handler: string | null = 'h', after: number | null = null): Outcome =>
  retry(new CodedError('OCC_TEST', 'not now', { retriable: true }), handler, after)

export const fails = (fault: Fault, after: number | null = null, handler = 'h'): RetryOutcome => ({
  ...retry(new CodedError('OCC_TEST', 'failed'), handler, after),
  fault,
})

/** A handler whose answers the test gives. */
export class Handler {
  readonly #waiting = new Map<string, PromiseWithResolvers<Outcome>>()
  readonly signals = new Map<string, AbortSignal>()

  readonly handle = (record: KafkaRecord, signal: AbortSignal): Promise<Outcome> => {
    const answer = Promise.withResolvers<Outcome>()
    const name = nameOf(record)
    this.#waiting.set(name, answer)
    this.signals.set(name, signal)
    return answer.promise
  }

  /** Records in flight, as `partition@offset`. */
  get inFlight(): string[] {
    return [...this.#waiting.keys()]
  }

  /** Waits until the record is in flight, answers, and lets the flow continue. */
  async answer(name: string, outcome: Outcome = OK): Promise<void> {
    await until(() => this.#waiting.has(name), `${name} to be handed out`)
    const answer = this.#waiting.get(name)
    this.#waiting.delete(name)
    answer?.resolve(outcome)
    await turns()
  }
}

/** Stops the timeouts of the flow. The returned function lets milliseconds pass, and the flow continue. */
export function fakeTime(t: TestContext): (milliseconds: number) => Promise<void> {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  return async (milliseconds) => {
    t.mock.timers.tick(milliseconds)
    await turns()
  }
}

/** Enough turns of the event loop for everything that can continue by itself. */
export async function turns(count = 25): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Milliseconds after which something does not happen any more, on the slowest machine. */
const NEVER = 20_000

/**
 * Waits for something the flow does by itself, without advancing time. Fails if it never happens.
 */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + NEVER
  while (performance.now() < end) {
    if (condition()) return
    await turns(1)
  }
  assert.fail(`waited in vain for ${what}`)
}
