import assert from 'node:assert/strict'
import test from 'node:test'
import type { Candidate } from '../../../../src/handle/write/units.ts'
import { writeRound } from '../../../../src/handle/write/write-round.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { recordAt } from '../parts.ts'

/** A record for each, with a write for these offsets. */
function candidatesOf(...shares: number[][]): Candidate[] {
  return shares.map((offsets, index) => ({
    index,
    record: recordAt(index),
    writes: [{ kind: 'rows', handler: 'h', sink: 's', offsets, rows: [], bytes: 0 }],
  }))
}

/** Refuses these offsets; remembers what was written. */
function createWriter(...bad: number[]) {
  const written: number[] = []
  const error = new OccError('OCC_EMIT_ROW', 'refused')
  return {
    written,
    error,
    async write(records: ReadonlyArray<{ readonly offset: number }>) {
      if (records.some(({ offset }) => bad.includes(offset))) throw error
      for (const { offset } of records) written.push(offset)
    },
  }
}

test('of a round without an order, only the record that is refused is not written', async () => {
  const writer = createWriter(1)
  const left = await writeRound(writer, candidatesOf([0], [1], [2], [3]), false)
  assert.deepEqual([...left], [[1, { error: writer.error }]])
  assert.deepEqual(writer.written, [0, 2, 3])
})

test('with an order, what is behind a record that is refused is left, and not written', async () => {
  const writer = createWriter(1)
  const left = await writeRound(writer, candidatesOf([0], [1], [2], [3], [4]), true)
  const behind = [2, 3, 4].map((index) => [index, 'behind'])
  assert.deepEqual([...left].sort(), [[1, { error: writer.error }], ...behind])
  assert.deepEqual(writer.written, [0])
})

test('with an order, what is behind a record that shares its rows with an absent one is left', async () => {
  const writer = createWriter()
  const left = await writeRound(writer, candidatesOf([0], [1, 9], [2]), true)
  assert.deepEqual([...left].sort(), [
    [1, 'alone'],
    [2, 'behind'],
  ])
  assert.deepEqual(writer.written, [0])
})
