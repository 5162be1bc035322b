import { changedBatch } from '../broker/reading/clipped-batch.ts'
import {
  createLogReader,
  type LogListener,
  type LogPart,
  type LogReader,
} from '../broker/reading/log-reader.ts'
import { registerCodecs } from '../broker/topics/codecs.ts'
import type {
  AssignedPartition,
  LostRange,
  MemberControl,
  OffsetToCommit,
  RecordBatch,
} from '../broker/types.ts'
import type { Config } from '../config/types.ts'
import { lz4Codec } from '../decode/lz4/codec.ts'
import type { Engine } from '../flow/engine.ts'
import type { OccError } from '../kernel/errors.ts'
import { createUndoStack } from '../kernel/lifecycle.ts'
import type { Log } from '../kernel/log.ts'
import {
  type DeadLetter,
  type DeadLetterTarget,
  GROUP_HEADER,
  HANDLER_HEADER,
  handlerOf,
} from '../kernel/shapes/dead-letter.ts'
import { headersFrom, type KafkaRecord, type TopicPartition } from '../kernel/shapes/record.ts'
import { NOT_MOVED } from '../kernel/shapes/replay.ts'
import type { Clock } from '../kernel/time/clock.ts'
import { createMeters } from '../observe/meters/meters.ts'
import type { Handling } from './create-handling.ts'
import { createProcessing } from './create-processing.ts'
import { createParking } from './parked/create-parking.ts'
import { readQuietly } from './read-log.ts'
import { brokerOptions, memberOptions } from './room-options.ts'
import { createDeadLetterTarget } from './sinks/create-dead-letters.ts'
import { createSinks, logUnfitSinks } from './sinks/create-sinks.ts'
import { createUncaught } from './uncaught.ts'
import { createFlow } from './units/create-engine.ts'
import { mergedStrays, startHandlers } from './units/merge-units.ts'
import type { UnitConfig } from './units/units.ts'

/** What one consumer group's handlers get again. */
export interface ReplayUnit extends UnitConfig {
  readonly parts: readonly LogPart[]
  /** The only handler that gets the records; null: all of the unit. */
  readonly handler: string | null
}

export interface ReplayEvents {
  /**
   * In place of a commit: the records below each offset are finished. Resolves when that is kept;
   * if it rejects, it is called again.
   */
  finished(group: string, offsets: readonly OffsetToCommit[]): Promise<void>
  /** The letter is stored. */
  deadLetter(letter: DeadLetter): void
  /** Retention deleted these before they were handled. */
  lost(range: LostRange): void
  /** Nothing from `at` on comes any more, though the end of the part was not reached. */
  ended(group: string, part: TopicPartition, at: number, why: OccError): void
}

/** Parts of the logs, through handlers and sinks as in the service, without a group. */
export interface Replay {
  /** Loads the handlers and begins. Rejects with a message for the user. */
  start(): Promise<void>
  /** Rejects once the replay cannot go on. */
  readonly failed: Promise<never>
  readonly uncaught: ReturnType<typeof createUncaught>
  /**
   * Only suspects are left: records that failed, and no other record follows that could show whether
   * the record or the handler is at fault.
   */
  hasOnlySuspects(): boolean
  /** Finishes what is in flight, within `flow.drain`, and closes everything. */
  stop(): Promise<void>
}

/** @param config of the process: sinks, dead letters */
export function createReplay(
  config: Config,
  units: readonly ReplayUnit[],
  events: ReplayEvents,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Replay {
  const meters = createMeters()
  const undo = createUndoStack()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const letterMeter = meters.deadLetterTarget(config.deadLetters.target)
  const target = createDeadLetterTarget(config, { clock, log: log.child({ room: 'sink' }) })
  undo.push('dead letters', () => target.close())
  const deadLetters: DeadLetterTarget = {
    async keep(letter) {
      await target.keep(letter)
      events.deadLetter(letter)
    },
    check: () => target.check(),
    close: () => target.close(),
  }
  const sinks = createSinks(config, log, meters)
  undo.push('sinks', () => sinks.close())

  const running = units.map((unit) => {
    const handling = createProcessing(unit.config, {
      ...{ emit: sinks.emit, meters, clock, log },
      readBlocks: readQuietly(unit.config),
      // Its circuit would never close.
      noTransaction: failure.reject,
    })
    const parking = createParking(unit.config, {
      ...{ store: null, held: sinks.held, deadLetters, letterMeter, meters, tracing: null, log },
    })
    if (parking !== null) undo.push('parked records', () => parking.close())
    const engine = createFlow(unit.config, {
      ...{ handling, deadLetters, letterMeter, meters, clock, log },
      // The group and its offsets are not touched.
      store: null,
      recorder: null,
      tracing: null,
      parking: parking?.place ?? null,
    })
    return { ...unit, handling, engine, reader: openReader(unit, engine) }
  })
  undo.push('handlers', () => forEach(({ handling }) => handling.close()))
  undo.push('flow', () => forEach(({ engine }) => engine.close()))

  async function forEach(
    work: (unit: { handling: Handling; engine: Engine; reader: LogReader }) => unknown,
  ): Promise<void> {
    await Promise.all(running.map(async (unit) => work(unit)))
  }

  function openReader({ config, own, parts, handler }: ReplayUnit, engine: Engine): LogReader {
    const options = memberOptions(config, 0, own)
    const control: MemberControl = {
      pause: (partition) => reader.pause(partition),
      resume: (partition) => reader.resume(partition),
      // Only the API of the service moves offsets.
      move: () => Promise.reject(new Error('a replay has no group')),
      commit: (offsets) => events.finished(config.kafka.groupId, offsets),
      unreadable: (batch, error) => reader.unreadable(batch, error),
    }
    const listener = engine.listen(options.name, control)
    const replayed: LogListener = {
      ...listener,
      ended: (part, at, why) => events.ended(config.kafka.groupId, part, at, why),
      assigned: (partitions: readonly AssignedPartition[]) =>
        listener.assigned(partitions.map(asReplay)),
      batch: (batch: RecordBatch) =>
        listener.batch(handler === null ? batch : onlyFor(batch, handler)),
      recordsLost(range: LostRange) {
        events.lost(range)
        listener.recordsLost(range)
      },
    }
    const brokerLog = log.child({ room: 'broker' })
    const reader: LogReader = createLogReader(brokerOptions(config), options, parts, replayed, {
      ...{ clock, log: brokerLog, lz4: lz4Codec },
    })
    reader.failed.catch(failure.reject)
    return reader
  }

  return {
    failed: failure.promise,
    uncaught: createUncaught({ handling: mergedStrays(running), meters, log }),
    hasOnlySuspects() {
      const lanes = running.flatMap(({ engine }) => engine.partitions())
      const isAtRest = lanes.every((lane) => {
        const { inFlight, retrying, queueRecords, suspects, windowRecords, pausedBy } = lane
        const isWaiting = inFlight + retrying + queueRecords > 0 || pausedBy === 'circuit'
        return !isWaiting && windowRecords === suspects
      })
      return isAtRest && lanes.some(({ suspects }) => suspects > 0)
    },
    async start() {
      registerCodecs(lz4Codec)
      await startHandlers(running)
      await logUnfitSinks(sinks, log)
      undo.push('readers', () => forEach(({ reader }) => reader.stop()))
      undo.push('drain', () => forEach(({ engine }) => engine.drain(config.flow.drain)))
      await forEach(({ reader }) => reader.start())
    },
    async stop() {
      await undo.run()
    },
  }
}

/** Handlers and sinks are told that all of its records are handled once more. */
function asReplay(assigned: AssignedPartition): AssignedPartition {
  const replay = { from: assigned.startOffset, to: Number.MAX_SAFE_INTEGER, deduplicates: false }
  return { ...assigned, operator: { ...NOT_MOVED, replay } }
}

/** A header may name handlers that are not part of this replay: they are not missing. */
function onlyFor(batch: RecordBatch, handler: string): RecordBatch {
  return changedBatch(batch, {}, (records) => records.map((record) => addressed(record, handler)))
}

const NO_GROUP = 'none'

function addressed(record: KafkaRecord, handler: string): KafkaRecord {
  const names = record.headers?.[HANDLER_HEADER] === undefined ? null : handlerOf(record)
  if (names === null) return record
  const header = names.split(',').includes(handler)
    ? ([HANDLER_HEADER, Buffer.from(handler)] as const)
    : ([GROUP_HEADER, Buffer.from(NO_GROUP)] as const)
  const others = Object.entries(record.headers ?? {}).filter(([name]) => name !== header[0])
  const all = others.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { ...record, headers: headersFrom([...all, header]) }
}
