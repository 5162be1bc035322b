import { type DeadLetter, letterBytes } from '../../kernel/shapes/dead-letter.ts'
import { type HeldWrite, isShared } from '../../kernel/shapes/held-write.ts'
import { order } from './judge.ts'
import type { Line } from './line.ts'
import type { NewOffset, OwnStatements, Transaction } from './types.ts'

/** Records of one partition that are finished together, with what must be written for that. */
export interface Submission {
  readonly line: Line
  readonly offsets: readonly number[]
  readonly writes: readonly HeldWrite[]
  readonly letter?: DeadLetter
  readonly own?: OwnStatements
  /** Newest timestamp of the records; null: none. */
  readonly recordTime: number | null
  /** An operator sets the offset of the partition: the last that is written under this claim. */
  readonly to?: NewOffset
}

/** What finishes all of them, in one transaction. */
export function transactionOf(submissions: readonly Submission[]): Transaction {
  const byLine = Map.groupBy(submissions, ({ line }) => line)
  const moves = [...byLine].map(([line, own]) =>
    line.moveWith(
      own.flatMap(({ offsets }) => offsets),
      own.reduce<number | null>((newest, { recordTime }) => later(newest, recordTime), null),
      own.find(({ to }) => to !== undefined)?.to,
    ),
  )
  return {
    moves: moves.toSorted((a, b) => order(a.claim, b.claim)),
    writes: eachOnce(submissions.flatMap(({ writes }) => writes)),
    letters: submissions.flatMap(({ letter }) => letter ?? []),
    own: submissions.flatMap(({ own }) => own ?? []),
  }
}

/** A write for several records is held by each of them. */
function eachOnce(writes: readonly HeldWrite[]): readonly HeldWrite[] {
  return writes.some(isShared) ? [...new Set(writes)] : writes
}

/** A letter and a parked record are a row each. */
export function sizeOf({ writes, letter, own }: Submission): { rows: number; bytes: number } {
  let rows = Number(letter !== undefined) + Number(own !== undefined)
  let bytes = letter === undefined ? 0 : letterBytes(letter)
  for (const write of writes) {
    rows += write.kind === 'rows' ? write.rows.length : 1
    bytes += write.kind === 'rows' ? write.bytes : 0
  }
  return { rows, bytes }
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
