import { OccError } from '../../kernel/errors.ts'

/**
 * Kafka's int64 offset from kafkajs's decimal string. Offsets are counters that start at zero; one
 * beyond 2^53 would be a corrupt response, and rounding it would commit a wrong position.
 */
export function toOffset(text: string): number {
  const offset = Number(text)
  if (!Number.isSafeInteger(offset)) {
    throw new OccError('OCC_OFFSET_RANGE', `The broker gave the offset "${text}", beyond 2^53.`)
  }
  return offset
}
