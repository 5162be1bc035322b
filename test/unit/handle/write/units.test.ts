import assert from 'node:assert/strict'
import test from 'node:test'
import { type Candidate, unitsOf } from '../../../../src/handle/write/units.ts'
import type { HeldWrite } from '../../../../src/kernel/shapes/held-write.ts'
import { recordAt } from '../parts.ts'

/** Candidates at positions 0, 1, ... with the writes that they share, by name. */
function candidatesOf(...shares: string[][]): Candidate[] {
  const offsets = new Map<string, number[]>()
  for (const [index, names] of shares.entries()) {
    for (const name of names) offsets.set(name, [...(offsets.get(name) ?? []), index])
  }
  const writes = new Map(
    [...offsets].map(([name, own]): [string, HeldWrite] => [
      name,
      { kind: 'rows', handler: name, sink: 's', offsets: own, rows: [], bytes: 0 },
    ]),
  )
  return shares.map((names, index) => ({
    index,
    record: recordAt(index),
    writes: names.flatMap((name) => writes.get(name) ?? []),
  }))
}

const shapeOf = (candidates: readonly Candidate[], ordered: boolean) => {
  const { whole, torn } = unitsOf(candidates, ordered)
  return { whole: whole.map((unit) => unit.map(({ index }) => index)), torn }
}

test('records that share a write are one unit, also over several; with an order, those that overlap are, too', () => {
  const candidates = candidatesOf(['x'], ['y'], ['x', 'z'], ['y'], ['z'], ['w'])
  assert.deepEqual(shapeOf(candidates, false), { whole: [[0, 2, 4], [1, 3], [5]], torn: [] })
  assert.deepEqual(shapeOf(candidates, true), { whole: [[0, 2, 4, 1, 3], [5]], torn: [] })
})

test('a unit that lacks a record is torn; with an order, so is what is behind its first one', () => {
  const candidates = candidatesOf(['a'], ['x'], ['b'], ['x'], ['c']).toSpliced(3, 1)
  assert.deepEqual(shapeOf(candidates, false), { whole: [[0], [2], [4]], torn: [1] })
  assert.deepEqual(shapeOf(candidates, true), { whole: [[0]], torn: [1] })
})
