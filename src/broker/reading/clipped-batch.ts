import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { LostRange, RecordBatch } from '../types.ts'

/** The batch without what it has from `end` on. It can only be read in this thread. */
export function clippedBatch(batch: RecordBatch, end: number): RecordBatch {
  if (batch.nextOffset <= end) return batch
  const count = Math.min(batch.count, end - batch.from)
  return changedBatch(batch, { nextOffset: end, count }, (records) =>
    records.filter(({ offset }) => offset < end),
  )
}

/** What of the range is below `end`; null: nothing. */
export function clippedRange(range: LostRange, end: number): LostRange | null {
  return range.from < end ? { ...range, to: Math.min(range.to, end) } : null
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
