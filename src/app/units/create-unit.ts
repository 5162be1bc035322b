import type { GroupMember } from '../../broker/types.ts'
import type { Engine } from '../../flow/engine.ts'
import type { DueRecords } from '../../flow/parked/due-records.ts'
import type { GroupProgressReader } from '../../group/progress.ts'
import { withRetentionHeadroom } from '../../group/retention-headroom.ts'
import type { Scaling } from '../../group/scaling.ts'
import type { SingleHandler } from '../../handle/api/types.ts'
import type { HandlerEmit } from '../../handle/load/loaded-handler.ts'
import type { TapPoint } from '../../handle/tap.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { HeldBack } from '../../kernel/shapes/parked.ts'
import type { Pause } from '../../kernel/shapes/pause-target.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { DeadLetterMeter, Meters, OfGroup, ServiceStatus } from '../../observe/types.ts'
import type { EmitSinks } from '../../sink/emit/emit-sinks.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import type { Handling } from '../create-handling.ts'
import { createProcessing } from '../create-processing.ts'
import { createOffsetStore, type OffsetStore } from '../offsets/create-offset-store.ts'
import { createOffsetRecorder, type OffsetRecorder } from '../offsets/record-offsets.ts'
import { createParking } from '../parked/create-parking.ts'
import { readQuietly } from '../read-log.ts'
import { createFlow } from './create-engine.ts'
import { createGroup } from './create-group.ts'
import { createMember } from './create-member.ts'
import type { UnitConfig } from './units.ts'

/** What the units of a process share. */
export interface UnitParts {
  /** Handles each message, in addition to the configured handlers. */
  readonly handler?: SingleHandler['handle'] | undefined
  readonly emit: HandlerEmit
  /** The sinks whose rows are kept until their records are finished. */
  readonly held: EmitSinks['held']
  readonly deadLetters: DeadLetterTarget
  readonly letterMeter: DeadLetterMeter
  /** Shows records to those who look. */
  readonly tap: TapPoint
  /** null: nothing is traced. */
  readonly tracing: Tracing | null
  readonly meters: Meters
  /** What operators have paused. */
  pauses(): readonly Pause[]
  readonly clock: Clock
  readonly log: Log
}

export type UnitStatus = Pick<
  ServiceStatus,
  'members' | 'partitions' | 'circuits' | 'pauses' | 'parked' | 'load'
>

/** One consumer group of the process: its handlers, their flow, its members and its scaling. */
export interface Unit extends UnitConfig {
  readonly handling: Handling
  /** null: offsets are kept in Kafka alone. */
  readonly store: OffsetStore | null
  /** null: committed offsets are not recorded elsewhere. */
  readonly recorder: OffsetRecorder | null
  /** null: no record is parked. */
  readonly parked: { readonly due: DueRecords; close(): Promise<void> } | null
  readonly engine: Engine
  readonly group: GroupProgressReader
  readonly scaling: Scaling
  readonly members: readonly GroupMember[]
  status(): UnitStatus
  /** Makes the members and runs them. Resolves when all have ended. */
  run(): Promise<void>
}

export function createUnit(unit: UnitConfig, parts: UnitParts): Unit {
  const { own, config } = unit
  const { clock } = parts
  const { groupId } = config.kafka
  const ofGroup: OfGroup = own === null ? {} : { group: groupId }
  const meters = own === null ? parts.meters : parts.meters.ofGroup(groupId)
  const log = own === null ? parts.log : parts.log.child({ group: groupId })
  const members: GroupMember[] = []

  const tracing = parts.tracing?.ofGroup(groupId) ?? null
  const handling = createProcessing(config, {
    handler: own === null ? parts.handler : undefined,
    emit: parts.emit,
    transacts: config.offsets.store === 'postgres',
    readBlocks: readQuietly(config),
    tracing: tracing?.calls ?? null,
    tap: parts.tap,
    meters,
    clock,
    log,
  })
  const { deadLetters, letterMeter, held } = parts
  const store = createOffsetStore(config, { held, deadLetters, letterMeter, meters, log })
  const recorder = createOffsetRecorder(config, { meters, clock, log })
  const parking = createParking(config, {
    ...{ store, held, deadLetters, letterMeter, meters, tracing, log },
  })
  const engine = createFlow(config, {
    handling,
    deadLetters,
    store,
    recorder,
    parking: parking?.place ?? null,
    letterMeter,
    tracing,
    meters,
    clock,
    log,
  })
  const due =
    parking?.createDue({
      openProcessor: (partition, writer) => handling.openProcessor(partition, writer),
      heldBack: () => heldBack(engine),
      ...{ meters, log: log.child({ room: 'flow' }), now: () => clock.now() },
    }) ?? null
  const { group, scaling } = createGroup(config, { status: { status }, meters, clock, log })

  function status(): UnitStatus {
    const now = clock.now()
    const partitions = engine
      .partitions()
      .map((each) => ({ ...withRetentionHeadroom(each, group.progress(), now), ...ofGroup }))
    return {
      members: members.map(({ view }) => ({
        ...view,
        ...ofGroup,
        partitions: partitions.filter(({ member }) => member === view.id).length,
      })),
      partitions,
      circuits: engine.circuits().map((each) => ({ ...each, ...ofGroup })),
      pauses: parts.pauses(),
      parked: due?.status ? [{ ...due.status, ...ofGroup }] : [],
      load: engine.load(),
    }
  }

  return {
    ...unit,
    store,
    recorder,
    parked: parking === null || due === null ? null : { due, close: () => parking.close() },
    handling,
    engine,
    group,
    scaling,
    members,
    status,
    async run() {
      for (let index = 0; index < config.kafka.consumers; index++) {
        members.push(
          createMember(unit, index, { engine, claims: store?.claims ?? null, clock, log }),
        )
      }
      await Promise.all(members.map((member) => member.run()))
    },
  }
}

/**
 * What an operator has paused, and handlers and topics that are known to fail with everything. null:
 * it is not known yet what is paused.
 */
function heldBack(engine: Pick<Engine, 'circuits' | 'held'>): HeldBack | null {
  const stopped = engine.circuits().filter(({ state }) => state !== 'closed')
  const { held } = engine
  if (held === null) return null
  const paused = held.flatMap((target) => ('topic' in target ? target : []))
  return {
    topics: [
      ...paused.flatMap(({ topic, partition }) => (partition === undefined ? [topic] : [])),
      ...stopped.flatMap(({ topic }) => topic ?? []),
    ],
    partitions: paused.flatMap(({ topic, partition }) =>
      partition === undefined ? [] : [{ topic, partition }],
    ),
    handlers: stopped.flatMap(({ topic, handler }) => (topic === null ? [handler] : [])),
  }
}
