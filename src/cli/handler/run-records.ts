import { createHandling, type Handling } from '../../app/create-handling.ts'
import { createUncaught } from '../../app/uncaught.ts'
import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import { type KafkaRecord, partitionName } from '../../kernel/shapes/record.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import { awaitSchemas } from '../records/await-schemas.ts'
import { attempt, type Neighbours, type Processor } from './attempt.ts'
import { createCapturingEmit } from './capturing-sinks.ts'
import type { Emission, Result } from './results.ts'
import { watchUncaught } from './watch-uncaught.ts'

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

/** Handles records once each, one after the other, or in the batches of a batch handler. */
export interface Runner {
  readonly handlers: readonly string[]
  /** Rejects if a call hangs. */
  handle(records: readonly KafkaRecord[]): Promise<readonly Result[]>
  /** Errors outside of the promises of calls. */
  strays(): number
  close(): Promise<void>
}

/**
 * Opens the handlers, with the pipeline of the service and without its sinks. Rejects if they cannot
 * be loaded or opened.
 */
export async function openRunner(config: Config, { sinks, log }: RunOptions): Promise<Runner> {
  let emitted: Emission[] = []
  const meters = createMeters()
  const emit = createCapturingEmit(sinks, (emission) => emitted.push(emission))
  const handling = createHandling(config, { emit, sinks, meters, clock: systemClock, log })
  const uncaught = watchUncaught(createUncaught({ handling, meters, log }))
  const processors = new Map<string, Processor>()

  async function close(): Promise<void> {
    await handling.close()
    uncaught.release()
  }

  try {
    await handling.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    handlers: handling.names(),
    async handle(records) {
      const results: Result[] = []
      for (let next = 0; next < records.length; ) {
        const batch = batchAt(records, next, processors, handling)
        emitted = []
        await awaitSchemas(batch.records, batch.processor)
        const started = performance.now()
        const { signal } = new AbortController()
        const outcomes = await attempt(batch.processor, batch.records, signal)
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
      return results
    },
    strays: uncaught.count,
    close,
  }
}

/** The same for records that are there. */
export async function runRecords(
  config: Config,
  records: readonly KafkaRecord[],
  options: RunOptions,
): Promise<Run> {
  const runner = await openRunner(config, options)
  try {
    const results = await runner.handle(records)
    return { handlers: runner.handlers, results, strays: runner.strays() }
  } finally {
    await runner.close()
  }
}

/** The next records that are handled together: neighbours of one partition. */
function batchAt(
  records: readonly KafkaRecord[],
  start: number,
  processors: Map<string, Processor>,
  handling: Handling,
): { readonly processor: Processor; readonly records: Neighbours } {
  const first = records[start]
  if (first === undefined) throw new RangeError(`there is no record ${start}`)
  const name = partitionName(first)
  const processor = processors.get(name) ?? handling.openProcessor(first)
  processors.set(name, processor)
  const size = processor.slice?.size ?? 1
  const following = records.slice(start + 1, start + size)
  const other = following.findIndex((record) => partitionName(record) !== name)
  const own = other === -1 ? following : following.slice(0, other)
  return { processor, records: [first, ...own] }
}
