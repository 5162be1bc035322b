import { createCommitter } from '../../commit/committer.ts'
import { OffsetTracker } from '../../commit/offset-tracker.ts'
import type { Config } from '../../config/types.ts'
import { createEngine, type Engine } from '../../flow/engine.ts'
import type { ParkingPlace } from '../../flow/types.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { CommitResult, DeadLetterMeter, Meters } from '../../observe/types.ts'
import type { GroupTracing } from '../../tracing/tracing.ts'
import type { Handling } from '../create-handling.ts'
import type { OffsetStore } from '../offsets/create-offset-store.ts'
import type { OffsetRecorder } from '../offsets/record-offsets.ts'
import { flowOptions } from '../room-options.ts'

export interface FlowParts {
  readonly handling: Pick<Handling, 'openProcessor'>
  readonly deadLetters: DeadLetterTarget
  /** null: offsets are kept in Kafka alone. */
  readonly store: OffsetStore | null
  /** null: committed offsets are not recorded elsewhere. */
  readonly recorder: OffsetRecorder | null
  /** null: no record is parked. */
  readonly parking: ParkingPlace | null
  readonly letterMeter: DeadLetterMeter
  /** null: nothing is traced. */
  readonly tracing: GroupTracing | null
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
}

/** The engine of one consumer group, with the trackers and committers of commit/. */
export function createFlow(config: Config, parts: FlowParts): Engine {
  const { handling, store, recorder, parking, letterMeter, tracing, meters, clock, log } = parts
  const group = config.kafka.groupId
  const commitLog = log.child({ room: 'commit' })
  const commitMeter = {
    committed(result: CommitResult, seconds: number) {
      meters.process.commits[result] += 1
      meters.process.commitSeconds.observe(seconds)
    },
  }
  return createEngine(flowOptions(config), {
    openProcessor(assigned, lane) {
      const { topic, partition, operator, startOffset: begins } = assigned
      const { writer = null, isBack = false } = store?.open(assigned, lane) ?? {}
      const opened = { topic, partition, begins, replay: operator?.replay ?? null, isBack }
      return handling.openProcessor(opened, writer)
    },
    deadLetters: {
      keep(letter, of) {
        const keep = (own: DeadLetter) =>
          store === null ? parts.deadLetters.keep(own) : store.keep(own, of)
        const own = { ...letter, group }
        return tracing === null ? keep(own) : tracing.letter(own, keep)
      },
    },
    parking,
    outlet: store?.outlet ?? null,
    letterMeter,
    createTracker: ({ startOffset, finished }) => new OffsetTracker(startOffset, finished),
    createCommitter(member) {
      const target = store?.target(member) ?? member
      const traced = tracing?.commits(target) ?? target
      return createCommitter(
        recorder?.watch(traced) ?? traced,
        config.commit,
        commitMeter,
        commitLog,
      )
    },
    meters,
    clock,
    log: log.child({ room: 'flow' }),
  })
}
