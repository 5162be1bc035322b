import type { Handling } from '../../app/create-handling.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import { type KafkaRecord, recordName } from '../../kernel/shapes/record.ts'

export type Processor = ReturnType<Handling['openProcessor']>

/** Neighbours of one partition. */
export type Neighbours = readonly [KafkaRecord, ...KafkaRecord[]]

/**
 * One attempt at the records, or at the first of them: resolves with the outcomes of those that were
 * begun. Rejects with OCC_HANDLER_TIMEOUT if a call hangs.
 */
export async function attempt(
  processor: Processor,
  records: Neighbours,
  signal: AbortSignal,
): Promise<readonly [Outcome, ...Outcome[]]> {
  const [first] = records
  const begun: Outcome[] = []
  if (processor.slice !== undefined && processor.processSlice !== undefined) {
    const slice = processor.processSlice(records, signal, true)
    for (const answer of await unlessHanging(slice, processor, first)) {
      if (answer === 'untouched') break
      begun.push(answer)
    }
  }
  const [one, ...more] = begun
  if (one !== undefined) return [one, ...more]
  return [await unlessHanging(Promise.resolve(processor.process(first, signal)), processor, first)]
}

/** Milliseconds that a call which ignores its signal has, after its timeout. */
const GRACE = 1_000

/**
 * The answer, or a rejection with OCC_HANDLER_TIMEOUT once the call counts as hanging: it could take
 * forever.
 */
async function unlessHanging<T>(
  answer: Promise<T>,
  { stuckAfter }: Processor,
  record: KafkaRecord,
): Promise<T> {
  if (stuckAfter === undefined) return answer
  const { promise: hanging, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(
      new OccError(
        'OCC_HANDLER_TIMEOUT',
        `The handler hangs with the record ${recordName(record)}: its timeout is over, and it ignores context.signal. Remedy: pass the signal to what it waits for; handlers[].timeout is the limit`,
        { retriable: true },
      ),
    )
  }, stuckAfter + GRACE)
  try {
    return await Promise.race([answer, hanging])
  } finally {
    clearTimeout(timer)
  }
}
