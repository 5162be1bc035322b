import type { OccError } from '../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import type { Answer } from './slice-answers.ts'

/** Records of one partition that go to a worker together. */
export interface Chunk extends TopicPartition {
  /** The partition under one assignment. */
  readonly lane: number
  readonly records: readonly KafkaRecord[]
  /** Of their packed form, about. */
  readonly bytes: number
  readonly ordered: boolean
  /** With nothing else in the hand of its worker: it may be what another one died of. */
  readonly alone: boolean
  /** Who gets the records. */
  readonly handlers: readonly string[]
  /** Milliseconds without progress after which its worker counts as hung. */
  readonly hungAfter: number
}

export interface ChunkResult {
  readonly answers: readonly Answer[]
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

export function untouched({ records }: Chunk): ChunkResult {
  const answers = records.map(() => 'untouched' as const)
  return { answers, milliseconds: null, suspicious: [], death: null }
}
