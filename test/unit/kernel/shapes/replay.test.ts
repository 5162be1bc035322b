import assert from 'node:assert/strict'
import test from 'node:test'
import { movedTo, replayAt } from '../../../../src/kernel/shapes/replay.ts'

const at = (handled: number, skippedFrom: number | null = null) => ({ handled, skippedFrom })

test('set back: what was handled is a replay, up to where it was', () => {
  const back = movedTo(40, at(100), 'a', false)
  const replay = { from: 40, to: 100, deduplicates: false }
  assert.deepEqual(back, { move: 'a', replay, skippedFrom: null })
  assert.equal(replayAt(back.replay, 99), back.replay)
  assert.equal(replayAt(back.replay, 100), null)
})

test('nothing known to be handled is a replay of nothing, and passes by nothing', () => {
  assert.deepEqual(movedTo(40, at(40), 'a', true), { move: 'a', replay: null, skippedFrom: null })
})

test('records that were skipped and are handled after all are no replay', () => {
  const { skippedFrom } = movedTo(150, at(100), 'a', false)
  assert.equal(skippedFrom, 100)
  // The undo of the skip, and something below it: 100 to 150 is handled for the first time.
  assert.deepEqual(movedTo(100, at(150, skippedFrom), 'b', false), {
    ...{ move: 'b', replay: null, skippedFrom: null },
  })
  assert.deepEqual(movedTo(60, at(180, skippedFrom), 'b', false).replay, {
    ...{ from: 60, to: 100, deduplicates: false },
  })
  // Set back to within the skipped ones: those below it stay unhandled.
  assert.deepEqual(movedTo(120, at(150, skippedFrom), 'b', false), {
    ...{ move: 'b', replay: null, skippedFrom: 100 },
  })
})
