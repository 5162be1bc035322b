import { codeOf } from '../../kernel/errors.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { type Candidate, type Unit, unitsOf, writesOf } from './units.ts'

/** What a writer needs to know of a record. */
export type WrittenRecord = Pick<KafkaRecord, 'offset' | 'timestamp'>

/** Writes what handlers emitted together with the offsets of the records. */
export interface RecordWriter {
  /**
   * Resolves when it is committed. Rejects with OCC_EMIT_ROW if the database refuses something of
   * it, otherwise with a retriable error; then nothing of it is written.
   */
  write(records: readonly WrittenRecord[], writes: readonly HeldWrite[]): Promise<void>
}

/**
 * What became of a record that is not written: its writes have failed; `alone`: it is to be handled
 * again, alone, so that its writes are its own; `behind`: one in front of it is not written.
 */
export type NotWritten = { readonly error: unknown } | 'alone' | 'behind'

/**
 * Writes the records of a round, as many as can be. Returns those that are not written, by position.
 * @param ordered none is written behind one that is not.
 */
export async function writeRound(
  writer: RecordWriter,
  candidates: readonly Candidate[],
  ordered: boolean,
): Promise<ReadonlyMap<number, NotWritten>> {
  const { whole, torn } = unitsOf(candidates, ordered)
  const left = new Map<number, NotWritten>()
  if (torn.length > 0) leave(candidates)
  for (const index of torn) left.set(index, 'alone')

  function leave(behind: readonly Candidate[]): void {
    for (const { index } of behind) left.set(index, 'behind')
  }

  function failed(unit: Unit, error: unknown): void {
    const isOfSeveral = unit.length > 1 && codeOf(error) === 'OCC_EMIT_ROW'
    for (const { index } of unit) left.set(index, isOfSeveral ? 'alone' : { error })
  }

  /** In halves, until the unit is found that the database refuses. False: not all is written. */
  async function write(units: readonly Unit[]): Promise<boolean> {
    const all = units.flat()
    if (all.length === 0) return true
    try {
      await writer.write(
        all.map(({ record }) => record),
        writesOf(all),
      )
      if (left.size > 0) for (const { index } of all) left.delete(index)
      return true
    } catch (error) {
      if (units.length === 1 || codeOf(error) !== 'OCC_EMIT_ROW') {
        for (const unit of units) failed(unit, error)
        return false
      }
    }
    const middle = Math.ceil(units.length / 2)
    const behind = units.slice(middle)
    const isFrontWritten = await write(units.slice(0, middle))
    if (ordered && !isFrontWritten) {
      leave(behind.flat())
      return false
    }
    return (await write(behind)) && isFrontWritten
  }

  await write(whole)
  return left
}
