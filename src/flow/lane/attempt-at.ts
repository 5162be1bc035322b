import { type Outcome, thrown } from '../../kernel/outcome.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { PartitionProcessor } from '../types.ts'

/** One attempt at a record. What the processor throws is its answer. A promise may still reject. */
export function attemptAt(
  processor: PartitionProcessor,
  record: KafkaRecord,
  signal: AbortSignal,
): Outcome | Promise<Outcome> {
  try {
    return processor.process(record, signal)
  } catch (problem) {
    return thrown(problem)
  }
}
