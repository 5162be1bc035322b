import { checkHandlers, createHandling, type Handling } from '../../app/create-handling.ts'
import { createSinks } from '../../app/create-sinks.ts'
import { systemClock } from '../../kernel/clock.ts'
import { OccError, together, toOccError } from '../../kernel/errors.ts'
import { type Outcome, thrown } from '../../kernel/outcome.ts'
import { type KafkaRecord, partitionName } from '../../kernel/record.ts'
import { redactText } from '../../kernel/redact-text.ts'
import { createMeters } from '../../observe/meters/meters.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { type Destination, redriveHeaders } from './destination.ts'
import type { OpenedStore } from './store.ts'

type Processor = ReturnType<Handling['openProcessor']>

/**
 * The configured handlers, in this process. Each letter gets one attempt by the handlers it is for,
 * in order within a partition, partitions in parallel. Letters that fail again stay.
 */
export async function openHandlers({ config, log }: OpenedStore): Promise<Destination> {
  if (config.handlers.length === 0) {
    throw new OccError(
      'OCC_REDRIVE_NO_HANDLERS',
      'The configuration has no handlers: add them under handlers, or omit --to-handlers.',
    )
  }
  const abort = new AbortController()
  // Each letter is an attempt of its own: two groups may have kept the same record.
  const withoutMemory = { ...config, deduplication: { ...config.deduplication, window: 0 } }
  const handling = createHandling(withoutMemory, {
    sinks: createSinks(config, log),
    meters: createMeters(),
    clock: systemClock,
    log,
  })
  const processors = new Map<string, Processor>()
  let started: Promise<void> | null = null

  function processorOf(record: KafkaRecord): Processor {
    const name = partitionName(record)
    const processor = processors.get(name) ?? handling.openProcessor(record)
    processors.set(name, processor)
    return processor
  }

  async function handle(letter: StoredLetter): Promise<string | null> {
    const record = { ...letter.record, headers: redriveHeaders(letter, config.kafka.groupId) }
    const processor = processorOf(record)
    const outcome = await attempt(processor, record, abort.signal).catch(thrown)
    processor.settled?.(record)
    if (outcome.kind === 'ok' || outcome.kind === 'skip') return null
    return `${outcome.error.code}: ${redactText(outcome.error.message)}`
  }

  return {
    text: 'to the handlers',
    async check() {
      const { problems } = await checkHandlers(config, false)
      const errors = problems.map((problem) => toOccError(problem, 'OCC_HANDLER_LOAD'))
      if (errors.length > 0) throw together('OCC_HANDLER_LOAD', errors)
    },
    async deliver(letters) {
      started ??= handling.start()
      await started
      const reasons = new Map<StoredLetter, string | null>()
      const partitions = Map.groupBy(letters, ({ record }) => partitionName(record))
      await Promise.all(
        Array.from(partitions.values(), async (ofPartition) => {
          for (const letter of ofPartition) reasons.set(letter, await handle(letter))
        }),
      )
      return letters.map((letter) => reasons.get(letter) ?? null)
    },
    async close() {
      abort.abort()
      await handling.close()
    },
  }
}

async function attempt(
  processor: Processor,
  record: KafkaRecord,
  signal: AbortSignal,
): Promise<Outcome> {
  if (processor.slice === undefined || processor.processSlice === undefined) {
    return processor.process(record, signal)
  }
  const [answer] = await processor.processSlice([record], signal, true)
  if (answer !== undefined && answer !== 'untouched') return answer
  return processor.process(record, signal)
}
