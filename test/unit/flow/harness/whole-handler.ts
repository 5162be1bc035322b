import type { RecordBatch } from '../../../../src/broker/types.ts'
import type { BatchAnswer, BatchesAnswer, PartitionProcessor } from '../../../../src/flow/types.ts'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import { batchOf, nameOf, turns, until } from './harness.ts'

const raw = { bytes: Buffer.alloc(0), maxBatchBytes: 0 }

/** A batch that another thread could open. */
export function wholeOf(partition: number, from: number, count: number): RecordBatch {
  return batchOf(partition, from, count, { raw })
}

/** A worker's answer for a batch that is done. */
export function doneOf({ count, firstTimestamp }: RecordBatch, skipped = 0): BatchAnswer {
  const lastTimestamp = firstTimestamp + count - 1
  const bytes = count * 3
  return { kind: 'done', records: count, bytes, handled: count - skipped, skipped, lastTimestamp }
}

/** A worker's answer for a batch with outcomes other than `ok` and `skip`. */
export function partsOf(
  batch: RecordBatch,
  answers: ReadonlyArray<Outcome | 'untouched'>,
): BatchAnswer {
  return { kind: 'parts', records: batch.read(), answers }
}

const times = {
  handle: { counts: [1], sum: 1 },
  endToEnd: { counts: [1], sum: 1 },
}

export interface Handed {
  readonly batches: readonly RecordBatch[]
  readonly ordered: boolean
  readonly answer: (answer: BatchesAnswer) => void
}

/** A processor of one partition that takes whole batches. The test gives its answers. */
export class WholeHandler implements PartitionProcessor {
  batches: PartitionProcessor['batches'] = { records: 100, bytes: 1_000_000, most: 200 }
  readonly handed: Handed[] = []
  /** Records handed over one by one, as `partition@offset`. */
  readonly single: string[] = []
  halts = 0
  handle: (record: KafkaRecord) => Outcome | Promise<Outcome> = () => OK

  process(record: KafkaRecord): Outcome | Promise<Outcome> {
    this.single.push(nameOf(record))
    return this.handle(record)
  }

  processBatches(
    batches: readonly RecordBatch[],
    _signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer> {
    return new Promise((answer) => this.handed.push({ batches, ordered, answer }))
  }

  halt(): void {
    this.halts += 1
  }

  /** Answers the oldest call in flight. @param isDead the worker died: it has measured nothing. */
  async answer(
    answersOf: (batches: readonly RecordBatch[]) => readonly BatchAnswer[],
    isDead = false,
  ): Promise<void> {
    await until(() => this.handed.length > 0, 'a batch to be handed over')
    const handed = this.handed.shift()
    if (handed === undefined) return
    const batches = answersOf(handed.batches)
    handed.answer({ batches, succeeded: [['h']], times: isDead ? null : times })
    await turns()
  }
}
