import type { RecordBatch } from '../../../../src/broker/types.ts'
import { copyOf, sizeOf } from '../../../../src/flow/intake/record-queue.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import { TOPIC } from './fake-member.ts'

export function recordAt(
  partition: number,
  offset: number,
  over: Partial<KafkaRecord> = {},
): KafkaRecord {
  return {
    topic: TOPIC,
    partition,
    offset,
    timestamp: 1_700_000_000_000 + offset,
    key: null,
    value: Buffer.from(`${partition}@${offset}`),
    headers: undefined,
    ...over,
  }
}

/** `partition@offset` */
export const nameOf = ({ partition, offset }: KafkaRecord): string => `${partition}@${offset}`

/** A batch from offset `from` on, with a record for each key. */
export function batchOfKeys(
  partition: number,
  from: number,
  keys: ReadonlyArray<string | null>,
): RecordBatch {
  const records = keys.map((key, index) =>
    recordAt(partition, from + index, { key: key === null ? null : Buffer.from(key) }),
  )
  return batchOf(partition, from, keys.length, { records })
}

/** What a test may set in a batch, in addition to what `batchOf` makes of it. */
interface BatchChanges extends Partial<Omit<RecordBatch, 'read' | 'detach'>> {
  readonly records?: readonly KafkaRecord[]
  readonly read?: () => readonly KafkaRecord[]
}

/**
 * `count` records from offset `from` on. The partition ends after them unless `over` says
 * otherwise.
 */
export function batchOf(
  partition: number,
  from: number,
  count: number,
  over: BatchChanges = {},
): RecordBatch {
  const { records = recordsOf(partition, from, count), ...changes } = over
  const nextOffset = changes.nextOffset ?? from + count
  let held = records
  return {
    topic: TOPIC,
    partition,
    from,
    nextOffset,
    count: records.length,
    bytes: sizeOfAll(records),
    firstTimestamp: records[0]?.timestamp ?? 0,
    endOffset: nextOffset,
    damage: null,
    read: () => held,
    detach() {
      held = held.map(copyOf)
    },
    ...changes,
  }
}

export function recordsOf(partition: number, from: number, count: number): KafkaRecord[] {
  return Array.from({ length: count }, (_, index) => recordAt(partition, from + index))
}

export function sizeOfAll(records: readonly KafkaRecord[]): number {
  return records.reduce((sum, record) => sum + sizeOf(record), 0)
}
