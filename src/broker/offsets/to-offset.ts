import { OccError } from '../../kernel/errors.ts'

/**
 * Kafka's int64 offset from kafkajs's decimal string. Offsets start at zero, so one beyond 2^53
 * means a corrupt response; rounding it would commit a wrong position.
 */
export function toOffset(text: string): number {
  const offset = Number(text)
  if (!Number.isSafeInteger(offset)) {
    throw new OccError(
      'OCC_OFFSET_RANGE',
      `The broker sent the offset "${text}", which is not an integer below 2^53.`,
    )
  }
  return offset
}
