import assert from 'node:assert/strict'
import test from 'node:test'
import { Written } from '../../../src/commit/transactions/written.ts'

function state(next: number, ...finished: Array<readonly [from: number, to: number]>) {
  return { next, finished: finished.map(([from, to]) => ({ from, to })) }
}

function writtenOf(...all: Array<ReturnType<typeof state>>): Written {
  const written = new Written()
  for (const each of all) written.add(each, false)
  return written
}

test('a store that has all that was written, or more, was not set back', () => {
  const written = writtenOf(state(10), state(10, [12, 15]))
  assert.equal(new Written().isAheadOf(state(0)), false)
  for (const found of [state(10, [12, 15]), state(11, [12, 13], [13, 20]), state(15), state(99)]) {
    assert.equal(written.isAheadOf(found), false, JSON.stringify(found))
  }
})

test('a store that lacks something was set back, until it has all of it again', () => {
  const written = writtenOf(state(10, [12, 15]))
  for (const found of [state(9), state(10), state(10, [12, 14]), state(0, [1, 15]), state(12)]) {
    assert.equal(written.isAheadOf(found), true, JSON.stringify(found))
  }
  written.add(state(8), false)
  assert.equal(written.isAheadOf(state(8)), true, 'the rest is still to be handled once more')
  written.add(state(15), false)
  assert.equal(written.isAheadOf(state(15)), false)
})

test('what an operator sets back is not lost', () => {
  const written = writtenOf(state(10))
  written.add(state(3), true)
  assert.equal(written.isAheadOf(state(3)), false)
})
