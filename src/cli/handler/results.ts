import type { Outcome } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { EmittedItem } from '../../sink/emit/types.ts'

/** A value that a handler emitted, and the name of the sink it was for. */
export interface Emission {
  readonly sink: string
  readonly item: EmittedItem
}

/** What became of one record in one attempt. */
export interface Result {
  readonly record: KafkaRecord
  readonly outcome: Outcome
  /** With a batch handler: of the whole batch, at its first record. */
  readonly emitted: readonly Emission[]
  /** Of decoding and handling; with a batch handler the record's share. */
  readonly milliseconds: number
}

/** The service would retry it, or keep it as a dead letter. */
export function isFailure({ outcome }: Result): boolean {
  return outcome.kind === 'retry' || outcome.kind === 'dead'
}
