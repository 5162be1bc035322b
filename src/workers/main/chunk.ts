import type { OccError } from '../../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/record.ts'
import { packRecords } from '../packing.ts'
import type { BatchesTask, BatchReport, BatchTimes, SliceTask } from '../protocol.ts'
import type { Answer } from './slice-answers.ts'

/** Records of one partition that go to a worker together. */
export interface Chunk extends TopicPartition, Contents {
  /** The partition under one assignment. */
  readonly lane: number
  readonly ordered: boolean
  /** With nothing else in the hand of its worker: it may be what another one died of. */
  readonly alone: boolean
  /** Who gets the records. */
  readonly handlers: readonly string[]
  /** Milliseconds without progress after which its worker counts as hung. */
  readonly hungAfter: number
}

/** Records as they are sent: one by one, or in the batches that they came in. */
export interface Contents {
  /** Most records that it has. */
  readonly count: number
  /** Of its packed form, about. */
  readonly bytes: number
  /** Whole batches can be stopped between two records. */
  readonly isWhole: boolean
  /** In memory that can be given away: the one copy. */
  pack(): Packed
  /** Of the record that has this index among the answers; null: nobody knows. */
  offsetAt(index: number): number | null
}

export type Packed =
  | Pick<SliceTask, 'kind' | 'packed'>
  | Pick<BatchesTask, 'kind' | 'bytes' | 'batches'>

export interface ChunkResult {
  /** By index; none where all of a whole batch is done. */
  readonly answers: readonly Answer[]
  /** What the worker told of whole batches; null: nothing. */
  readonly batches: readonly BatchReport[] | null
  readonly times: BatchTimes | null
  /** Who succeeded, of whole batches. */
  readonly handlers: ReadonlyArray<readonly string[]>
  /** That the worker was at it; null: nobody knows. */
  readonly milliseconds: number | null
  /** Offsets that were in hand when the worker died. */
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

/** Where no worker told anything. */
export function silent(answers: readonly Answer[], over: Partial<ChunkResult> = {}): ChunkResult {
  const nothing = { batches: null, times: null, handlers: [], milliseconds: null, suspicious: [] }
  return { answers, ...nothing, death: null, ...over }
}

export function untouched({ count }: Chunk): ChunkResult {
  return silent(Array.from({ length: count }, () => 'untouched' as const))
}
