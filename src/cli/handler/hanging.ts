import type { Handling } from '../../app/create-handling.ts'
import { OccError } from '../../kernel/errors.ts'
import { type KafkaRecord, recordName } from '../../kernel/record.ts'

export type Processor = ReturnType<Handling['openProcessor']>

/** Milliseconds that a call which ignores its signal has, after its timeout. */
const GRACE = 1_000

/**
 * The answer, or a rejection with OCC_HANDLER_TIMEOUT once the call counts as hanging: it could take
 * forever.
 */
export async function unlessHanging<T>(
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
