import assert from 'node:assert/strict'
import test from 'node:test'
import { type ArrivedBatch, OffsetTracker } from '../../../src/commit/offset-tracker.ts'
import { createRandom } from '../../support/random.ts'

test('a whole batch finishes at once, and blocks the offset until then', () => {
  const tracker = new OffsetTracker(10)
  const first = tracker.arrivedWhole(10, 110, 80)
  const second = tracker.arrivedWhole(110, 120, 10)
  assert.deepEqual([tracker.held, tracker.unfinished, tracker.committable], [90, 90, 10])
  tracker.finishedWhole(second)
  assert.deepEqual([tracker.held, tracker.unfinished, tracker.committable], [90, 80, 10])
  assert.deepEqual(tracker.finishedAbove(), [{ from: 110, to: 120 }])
  tracker.advance(125)
  tracker.finishedWhole(first)
  assert.deepEqual([tracker.held, tracker.unfinished, tracker.committable], [0, 0, 125])
  assert.deepEqual(tracker.finishedAbove(), [])
})

test('a batch that is split is finished record by record', () => {
  const tracker = new OffsetTracker(0)
  tracker.arrived(0)
  const batch = tracker.arrivedWhole(5, 10, 5)
  const behind = tracker.arrivedWhole(10, 20, 3)
  tracker.finishedWhole(behind)
  tracker.split(batch, [6, 8])
  assert.deepEqual([tracker.held, tracker.committable], [6, 0])
  tracker.finished(8)
  tracker.finished(0)
  assert.equal(tracker.committable, 6)
  assert.deepEqual(tracker.finishedAbove(), [{ from: 8, to: 20 }])
  tracker.finished(6)
  assert.equal(tracker.committable, 20)
  const empty = tracker.arrivedWhole(20, 30, 4)
  tracker.split(empty, [])
  assert.deepEqual([tracker.held, tracker.committable], [0, 30])
})

test('a batch of a deleted log finishes nothing of the next one', () => {
  const tracker = new OffsetTracker(0)
  const kept = tracker.arrivedWhole(0, 10, 10)
  const gone = tracker.arrivedWhole(10, 20, 10)
  const split = tracker.arrivedWhole(20, 30, 10)
  tracker.restart(5)
  assert.deepEqual([kept.isStale, gone.isStale, split.isStale], [false, true, true])
  const anew = tracker.arrivedWhole(5, 25, 20)
  tracker.finishedWhole(gone)
  tracker.split(split, [20, 21])
  for (const offset of [20, 21]) tracker.finished(offset)
  tracker.split(kept, [3, 4, 5, 6])
  for (const offset of [5, 6, 3, 4]) tracker.finished(offset)
  assert.equal(tracker.committable, 5)
  tracker.finishedWhole(anew)
  assert.deepEqual([tracker.committable, tracker.held], [25, 0])
})

test('inherited offsets are queried record by record', () => {
  const tracker = new OffsetTracker(0, [{ from: 3, to: 5 }])
  assert.equal(tracker.inheritsFrom(4), true)
  assert.equal(tracker.inheritsFrom(5), false)
})

test('batches and records in any order: no unfinished record is below the committable offset', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = createRandom(seed)
    const tracker = new OffsetTracker(0)
    const unfinished = new Set<number>()
    const whole: Array<{ batch: ArrivedBatch; offsets: number[] }> = []
    let next = 0
    for (let step = 0; step < 300; step++) {
      const kind = random(5)
      if (kind === 0) {
        tracker.arrived(next)
        unfinished.add(next)
        next += 1
      } else if (kind === 1) {
        const offsets = Array.from({ length: 12 }, (_, index) => next + index)
        const some = offsets.filter(() => random(3) > 0)
        const batch = tracker.arrivedWhole(next, next + 12, 12)
        whole.push({ batch, offsets: some })
        next += 12
      } else if (kind === 2 && whole.length > 0) {
        const [one] = whole.splice(random(whole.length), 1)
        if (one !== undefined) tracker.finishedWhole(one.batch)
      } else if (kind === 3 && whole.length > 0) {
        const [one] = whole.splice(random(whole.length), 1)
        if (one === undefined) continue
        tracker.split(one.batch, one.offsets)
        for (const offset of one.offsets) unfinished.add(offset)
      } else if (unfinished.size > 0) {
        const offset = [...unfinished][random(unfinished.size)] ?? 0
        unfinished.delete(offset)
        tracker.finished(offset)
      }
      const lowest = Math.min(next, ...unfinished, ...whole.map(({ batch }) => batch.from))
      assert.equal(tracker.committable, lowest, `seed ${seed}, step ${step}`)
      assert.equal(tracker.unfinished, unfinished.size + whole.length * 12)
      for (const { from, to } of tracker.finishedAbove()) {
        const wrong = [...unfinished].some((offset) => offset >= from && offset < to)
        const wrongWhole = whole.some(({ batch }) => batch.from < to && batch.to > from)
        assert.ok(!wrong && !wrongWhole, `seed ${seed}: ${from} to ${to}`)
      }
    }
  }
})
