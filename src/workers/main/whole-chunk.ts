import type { RecordBatch } from '../../broker/types.ts'
import type { BatchAnswer, BatchesAnswer } from '../../flow/types.ts'
import { OccError, toOccError } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { BatchReport } from '../protocol.ts'
import { fromWireError } from '../wire.ts'
import type { ChunkResult, Contents, Packed } from './chunk.ts'

/**
 * Whole batches of one partition, sent as received. This thread decodes a batch only if it has
 * outcomes other than `ok` and `skip`, or passes a record by unread.
 */
export class WholeChunk implements Contents {
  readonly count: number
  readonly bytes: number
  readonly isWhole = true
  readonly #batches: readonly RecordBatch[]
  /** Index of each batch's first record. */
  readonly #firsts: readonly number[]
  readonly #read = new Map<RecordBatch, readonly KafkaRecord[]>()

  constructor(batches: readonly RecordBatch[]) {
    this.#batches = batches
    let count = 0
    let bytes = 0
    this.#firsts = batches.map((batch) => {
      const first = count
      count += batch.count
      bytes += batch.bytes
      return first
    })
    this.count = count
    this.bytes = bytes
  }

  pack(): Packed {
    const raws = this.#batches.map((batch) => {
      if (batch.raw !== undefined) return batch.raw
      throw new OccError('OCC_WORKER', 'Only whole batches can be sent to workers as received.')
    })
    const length = raws.reduce((sum, { bytes }) => sum + bytes.length, 0)
    // Unpooled, and not zeroed because all of it is overwritten.
    const all = Buffer.allocUnsafeSlow(length)
    let at = 0
    const batches = raws.map(({ bytes, maxBatchBytes }, index) => {
      const { from = 0, count = 0 } = this.#batches[index] ?? {}
      at += bytes.copy(all, at)
      return { from, count, length: bytes.length, maxBatchBytes }
    })
    return { kind: 'batches', bytes: all.buffer, batches }
  }

  offsetAt(index: number): number | null {
    const at = this.#firsts.findLastIndex((first) => first <= index)
    const batch = this.#batches[at]
    if (batch === undefined) return null
    try {
      return this.#recordsOf(batch)[index - (this.#firsts[at] ?? 0)]?.offset ?? null
    } catch {
      return null
    }
  }

  /** The answer for the flow. */
  answersOf({ batches, times, handlers, answers }: ChunkResult): BatchesAnswer {
    const isNamed = handlers.length > 0
    return {
      batches: this.#batches.map((batch, index) => {
        const first = this.#firsts[index] ?? 0
        const own = answers.slice(first, first + batch.count)
        return this.#answerOf(batch, batches?.[index], own)
      }),
      succeeded: isNamed ? handlers : batches?.some(({ handled }) => handled > 0) ? [null] : [],
      times,
    }
  }

  #answerOf(
    batch: RecordBatch,
    report: BatchReport | undefined,
    answers: ChunkResult['answers'],
  ): BatchAnswer {
    if (report !== undefined && report.error !== null) {
      return { kind: 'unreadable', error: fromWireError(report.error) }
    }
    if (report !== undefined && report.handled + report.skipped === report.records) {
      return { kind: 'done', ...report }
    }
    if (answers.every((answer) => answer === 'untouched')) return { kind: 'untouched' }
    try {
      return { kind: 'parts', records: this.#recordsOf(batch), answers }
    } catch (problem) {
      return { kind: 'unreadable', error: toOccError(problem, 'OCC_BATCH_CORRUPT') }
    }
  }

  #recordsOf(batch: RecordBatch): readonly KafkaRecord[] {
    const records = this.#read.get(batch) ?? batch.read()
    this.#read.set(batch, records)
    return records
  }
}
