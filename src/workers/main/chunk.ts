import type { BatchTimes, OpenedPartition } from '../../flow/types.ts'
import type { RecordWriter } from '../../handle/write/write-round.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { packRecords } from '../packing.ts'
import type { BatchesTask, BatchReport, SliceTask } from '../protocol.ts'
import type { Answer } from './slice-answers.ts'

/** Records of one partition that are sent to a worker together. */
export interface Chunk extends OpenedPartition, Contents {
  /** A partition during one assignment. */
  readonly lane: number
  readonly ordered: boolean
  /** Sent with nothing else in flight in its worker: its record may have killed another worker. */
  readonly alone: boolean
  /** The handlers of the records. */
  readonly handlers: readonly string[]
  /** Milliseconds without progress after which its worker is considered hung. */
  readonly hungAfter: number
  /** Writes what is emitted for its records with their offsets; null: sinks write by themselves. */
  readonly writer: RecordWriter | null
}

/** Records as they are sent: one by one, or in their original batches. */
export interface Contents {
  /** Maximum number of records in it. */
  readonly count: number
  /** Approximate size of its packed form. */
  readonly bytes: number
  /** Whole batches can be stopped between two records. */
  readonly isWhole: boolean
  /** Packs into memory that can be transferred: the only copy. */
  pack(): Packed
  /** Offset of the record with this index among the answers; null: unknown. */
  offsetAt(index: number): number | null
}

export type Packed =
  | Pick<SliceTask, 'kind' | 'packed'>
  | Pick<BatchesTask, 'kind' | 'bytes' | 'batches'>

export interface ChunkResult {
  /** By index; empty if all records of whole batches are done. */
  readonly answers: readonly Answer[]
  /** The worker's reports about whole batches; null: none. */
  readonly batches: readonly BatchReport[] | null
  readonly times: BatchTimes | null
  /** The successful handlers, for whole batches. */
  readonly handlers: ReadonlyArray<readonly string[]>
  /** Time that the worker spent on it; null: unknown. */
  readonly milliseconds: number | null
  /** Offsets in flight when the worker died. */
  readonly suspicious: readonly number[]
  readonly death: OccError | null
}

export interface PendingChunk {
  readonly chunk: Chunk
  readonly resolve: (result: ChunkResult) => void
}

export function sliceOf(records: readonly KafkaRecord[], bytes: number): Contents {
  return {
    count: records.length,
    bytes,
    isWhole: false,
    pack: () => ({ kind: 'slice', packed: packRecords(records) }),
    offsetAt: (index) => records[index]?.offset ?? null,
  }
}

/** Answers these chunks with `untouched`. Returns the others. */
export function withdraw(
  all: readonly PendingChunk[],
  isGone: (chunk: Chunk) => boolean,
): PendingChunk[] {
  const others: PendingChunk[] = []
  for (const pending of all) {
    if (isGone(pending.chunk)) pending.resolve(untouched(pending.chunk))
    else others.push(pending)
  }
  return others
}

/** The result when no worker reported anything. */
export function silent(answers: readonly Answer[], over: Partial<ChunkResult> = {}): ChunkResult {
  const nothing = { batches: null, times: null, handlers: [], milliseconds: null, suspicious: [] }
  return { answers, ...nothing, death: null, ...over }
}

export function untouched({ count }: Chunk): ChunkResult {
  return silent(Array.from({ length: count }, () => 'untouched' as const))
}
