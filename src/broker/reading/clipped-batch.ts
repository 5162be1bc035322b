import type { KafkaRecord } from '../../kernel/record.ts'
import type { RecordBatch } from '../types.ts'

/** The batch without what it has from `end` on. It can only be read in this thread. */
export function clippedBatch(batch: RecordBatch, end: number): RecordBatch {
  if (batch.nextOffset <= end) return batch
  const count = Math.min(batch.count, end - batch.from)
  return changedBatch(batch, { nextOffset: end, count }, (records) =>
    records.filter(({ offset }) => offset < end),
  )
}

/** The batch with other records. It can only be read in this thread. */
export function changedBatch(
  batch: RecordBatch,
  facts: Partial<Pick<RecordBatch, 'nextOffset' | 'count'>>,
  change: (records: readonly KafkaRecord[]) => readonly KafkaRecord[],
): RecordBatch {
  const { topic, partition, from, nextOffset, count, bytes, firstTimestamp, endOffset } = batch
  return {
    ...{ topic, partition, from, nextOffset, count, bytes, firstTimestamp, endOffset, ...facts },
    get damage() {
      return batch.damage
    },
    read: () => change(batch.read()),
    borrow: () => change(batch.borrow?.() ?? batch.read()),
    detach: () => batch.detach(),
    free: () => batch.free?.(),
  }
}
