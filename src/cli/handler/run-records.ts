import { createHandling, type Handling } from '../../app/create-handling.ts'
import { createUncaught } from '../../app/uncaught.ts'
import type { Config } from '../../config/types.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Outcome } from '../../kernel/outcome.ts'
import { type KafkaRecord, partitionName } from '../../kernel/record.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import { createCapturingEmit } from './capturing-sinks.ts'
import { type Processor, unlessHanging } from './hanging.ts'
import type { Emission, Result } from './results.ts'

export interface RunOptions {
  /** The sinks there are; null: any. */
  readonly sinks: readonly string[] | null
  readonly log: Log
}

/** What the handlers made of the records. */
export interface Run {
  readonly handlers: readonly string[]
  readonly results: readonly Result[]
  /** Errors outside of the promises of calls. */
  readonly strays: number
}

/**
 * Handles the records once each, one after the other, or in the batches of a batch handler, with
 * the pipeline of the service. Rejects if the handlers cannot be loaded or opened, or if a call
 * hangs.
 */
export async function runRecords(
  config: Config,
  records: readonly KafkaRecord[],
  { sinks, log }: RunOptions,
): Promise<Run> {
  let emitted: Emission[] = []
  const meters = createMeters()
  const emit = createCapturingEmit(sinks, (emission) => emitted.push(emission))
  const handling = createHandling(config, { emit, sinks, meters, clock: systemClock, log })
  const uncaught = watchUncaught(createUncaught({ handling, meters, log }))
  const processors = new Map<string, Processor>()
  const results: Result[] = []
  try {
    await handling.start()
    for (let next = 0; next < records.length; ) {
      const batch = batchAt(records, next, processors, handling)
      emitted = []
      const started = performance.now()
      const outcomes = await attempt(batch.processor, batch.records)
      const milliseconds = (performance.now() - started) / outcomes.length
      for (const [index, outcome] of outcomes.entries()) {
        const record = records[next]
        if (record === undefined) break
        batch.processor.settled?.(record)
        results.push({ record, outcome, emitted: index === 0 ? emitted : [], milliseconds })
        next += 1
      }
      if (uncaught.fatal() !== null) throw uncaught.fatal()
    }
    return { handlers: handling.names(), results, strays: uncaught.count() }
  } finally {
    await handling.close()
    uncaught.release()
  }
}

/** The next records that are handled together: neighbours of one partition. */
function batchAt(
  records: readonly KafkaRecord[],
  start: number,
  processors: Map<string, Processor>,
  handling: Handling,
): { readonly processor: Processor; readonly records: readonly KafkaRecord[] } {
  const first = records[start]
  if (first === undefined) throw new RangeError(`there is no record ${start}`)
  const name = partitionName(first)
  const processor = processors.get(name) ?? handling.openProcessor(first)
  processors.set(name, processor)
  const size = processor.slice?.size ?? 1
  const following = records.slice(start, start + size)
  const other = following.findIndex((record) => partitionName(record) !== name)
  return { processor, records: other === -1 ? following : following.slice(0, other) }
}

/** At least one outcome: those of the first records, up to one that was not begun. */
async function attempt(
  processor: Processor,
  records: readonly KafkaRecord[],
): Promise<readonly Outcome[]> {
  const [first] = records
  if (first === undefined) return []
  const { signal } = new AbortController()
  const single = () =>
    unlessHanging(Promise.resolve(processor.process(first, signal)), processor, first)
  if (processor.slice === undefined || processor.processSlice === undefined) return [await single()]
  const answers = await unlessHanging(
    processor.processSlice(records, signal, true),
    processor,
    first,
  )
  const begun: Outcome[] = []
  for (const answer of answers) {
    if (answer === 'untouched') break
    begun.push(answer)
  }
  return begun.length > 0 ? begun : [await single()]
}

/** As in the service, an error that a handler did not await ends nothing, and is logged. */
function watchUncaught(decide: ReturnType<typeof createUncaught>) {
  let fatal: OccError | null = null
  let count = 0
  const on = (kind: 'rejection' | 'exception') => (error: unknown) => {
    count += 1
    fatal ??= decide(kind, error)
  }
  const onRejection = on('rejection')
  const onException = on('exception')
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  return {
    fatal: () => fatal,
    count: () => count,
    release() {
      process.off('unhandledRejection', onRejection)
      process.off('uncaughtException', onException)
    },
  }
}
