import assert from 'node:assert/strict'
import test from 'node:test'
import {
  movedSince,
  offsetsToStore,
  planPartition,
  skippedBy,
} from '../../../../src/group/offsets/plan.ts'
import type { StoredOffset } from '../../../../src/group/offsets/types.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'

const stored = (overrides: Partial<StoredOffset> = {}): StoredOffset => ({
  topic: 'a',
  partition: 0,
  low: 10,
  end: 200,
  committed: 100,
  owner: null,
  ...NOT_MOVED,
  ...overrides,
})

function planned(
  wanted: number,
  overrides: Partial<StoredOffset> = {},
  rate: number | null = null,
) {
  return planPartition({ ...stored(overrides), wanted, wantedTime: null }, 1_000, rate)
}

test('set back: what is handled again, and for how long', () => {
  const { offset, replay, skip, deleted, beyond, time, seconds } = planned(40, {}, 20)
  assert.deepEqual([offset, replay, skip, deleted, beyond, time], [40, 60, 0, 0, 0, 1_000])
  assert.equal(seconds, 3)
  assert.equal(planned(40, {}, 0).seconds, null)
})

test('set forward: what nobody handles', () => {
  const { offset, replay, skip } = planned(130)
  assert.deepEqual([offset, replay, skip], [130, 0, 30])
})

test('beyond retention and beyond the end it is clamped, with the number', () => {
  const early = planned(3)
  assert.deepEqual([early.offset, early.deleted, early.replay], [10, 7, 90])
  const late = planned(250)
  assert.deepEqual([late.offset, late.beyond, late.skip], [200, 50, 100])
})

test('a time before the first record that is left: deleted, and how many is not known', () => {
  const wish = { ...stored(), wanted: 10, wantedTime: 500 }
  assert.equal(planPartition(wish, 1_000, null).deleted, null)
  assert.equal(planPartition(wish, 500, null).deleted, 0)
  // Nothing was ever deleted of this log.
  const whole = { ...stored({ low: 0 }), wanted: 0, wantedTime: 500 }
  assert.equal(planPartition(whole, 1_000, null).deleted, 0)
})

test('during a replay nothing is skipped before its end', () => {
  const replay = { from: 20, to: 100, deduplicates: false }
  assert.equal(planned(100, { committed: 30, replay }).skip, 0)
  assert.equal(planned(105, { committed: 30, replay }).skip, 5)
  assert.equal(planned(20, { committed: 30, replay }).replay, 10)
})

test('nothing stored: nothing is handled again, and what is before the offset is skipped', () => {
  const { offset, replay, skip } = planned(50, { committed: null })
  assert.deepEqual([offset, replay, skip], [50, 0, 40])
  assert.equal(planned(10, { committed: null }).skip, 0)
  const move = { topic: 'a', partition: 0, offset: 50, committed: null, move: null }
  const now = [stored({ committed: null })]
  assert.deepEqual(skippedBy([move], now), [{ topic: 'a', partition: 0, skip: 40 }])
  assert.equal(offsetsToStore([move], now, 'x', false)[0]?.skippedFrom, 10)
})

test('a committed offset outside of the log counts only what is in it', () => {
  assert.equal(planned(30, { committed: 5 }).skip, 20)
  assert.equal(planned(200, { committed: 900 }).skip, 0)
})

test('a plan no longer fits: moved by an operator, by somebody else, or gone', () => {
  const plan = [{ topic: 'a', partition: 0, offset: 40, committed: 100, move: null }]
  assert.deepEqual(movedSince(plan, [stored()], false), [])
  assert.match(movedSince(plan, [stored({ committed: 101 })], false)[0] ?? '', /at 101.*was at 100/)
  assert.deepEqual(movedSince(plan, [stored({ committed: 101 })], true), [])
  assert.match(movedSince(plan, [stored({ committed: 99 })], true)[0] ?? '', /at 99/)
  assert.match(movedSince(plan, [stored({ move: 'x' })], true)[0] ?? '', /an operator has set a\/0/)
  assert.deepEqual(movedSince(plan, [], true), ['a/0 is gone'])
  const ended = movedSince(plan, [stored({ end: 30 })], true)
  assert.deepEqual(ended, ['a/0 ends at 30, before 40'])
})

test('what is skipped is counted by the offsets as they are when it is applied', () => {
  const move = { topic: 'a', partition: 0, offset: 130, committed: 100, move: null }
  assert.deepEqual(skippedBy([move], [stored({ committed: 120 })]), [
    { topic: 'a', partition: 0, skip: 10 },
  ])
  assert.deepEqual(skippedBy([move], [stored({ committed: 130 })]), [])
})

test('what is stored says what is handled once more', () => {
  const move = { topic: 'a', partition: 0, offset: 40, committed: 100, move: null }
  assert.deepEqual(offsetsToStore([move], [stored()], 'x', true), [
    {
      topic: 'a',
      partition: 0,
      offset: 40,
      move: 'x',
      replay: { from: 40, to: 100, deduplicates: true },
      skippedFrom: null,
    },
  ])
})
