import assert from 'node:assert/strict'
import test from 'node:test'
import { OffsetTracker } from '../../../src/commit/offset-tracker.ts'
import { collectGarbage } from '../../support/collect-garbage.ts'
import { createRandom } from '../../support/random.ts'

/** The same promises, kept in the most obvious way. */
class Model {
  readonly unfinished: number[] = []
  next: number

  constructor(start: number) {
    this.next = start
  }

  get committable(): number {
    return this.unfinished.length === 0 ? this.next : Math.min(...this.unfinished)
  }
}

/** Plays one random history; `window` is about how many records are unfinished at a time. */
function play(seed: number, steps: number, window: number): void {
  const random = createRandom(seed)
  const start = random(1000)
  const tracker = new OffsetTracker(start)
  const model = new Model(start)
  for (let step = 0; step < steps; step++) {
    if (random(20) === 0) {
      // Sometimes below the position: news that is old changes nothing.
      const to = Math.max(0, model.next + random(12) - 4)
      tracker.advance(to)
      model.next = Math.max(model.next, to)
    } else if (random(window * 2) >= model.unfinished.length) {
      const offset = model.next + (random(4) === 0 ? random(5) : 0)
      tracker.arrived(offset)
      model.unfinished.push(offset)
      model.next = offset + 1
    } else {
      const index = random(3) === 0 ? 0 : random(model.unfinished.length)
      const [offset = 0] = model.unfinished.splice(index, 1)
      tracker.finished(offset)
    }
    assert.deepEqual(
      [tracker.committable, tracker.position, tracker.unfinished],
      [model.committable, model.next, model.unfinished.length],
      `seed ${seed}, step ${step}`,
    )
  }
}

test('in any order of arriving, finishing and skipping, no unfinished record is below the committable offset', () => {
  for (let seed = 1; seed <= 200; seed++) play(seed, 400, 1 + (seed % 40))
})

test('the same holds over long histories, with thousands of records unfinished', () => {
  play(1001, 20_000, 3)
  play(1002, 20_000, 2_000)
})

/** Every offset of the ranges. */
const offsetsOf = (ranges: ReturnType<OffsetTracker['finishedAbove']>) =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index))

test('finished offsets above the committable one are exact, over any number of handovers', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = createRandom(seed)
    // Offsets that exist: some are holes.
    const offsets = Array.from({ length: 200 }, (_, index) => index).filter(() => random(9) > 0)
    const finished = new Set<number>()
    let start = 0
    let above: ReturnType<OffsetTracker['finishedAbove']> = []
    for (let handover = 0; handover < 5; handover++) {
      const tracker = new OffsetTracker(start, above)
      const end = handover === 4 ? 200 : start + random(200)
      const arriving = offsets.filter((offset) => offset >= start && offset < end)
      const open: number[] = []
      for (const offset of arriving) {
        tracker.arrived(offset)
        assert.equal(tracker.wasFinished(offset), finished.has(offset), `seed ${seed}, ${offset}`)
        if (!finished.has(offset)) open.push(offset)
      }
      while (open.length > 0 && (handover === 4 || random(20) > 0)) {
        const [offset = 0] = open.splice(random(open.length), 1)
        tracker.finished(offset)
        finished.add(offset)
        const { committable } = tracker
        const below = offsets.filter((each) => each < committable)
        assert.ok(
          below.every((each) => finished.has(each)),
          `seed ${seed}: ${committable}`,
        )
        const told = offsetsOf(tracker.finishedAbove()).filter((each) => offsets.includes(each))
        const expected = offsets.filter((each) => each >= committable && finished.has(each))
        assert.deepEqual(told, expected, `seed ${seed}, handover ${handover}`)
      }
      start = tracker.committable
      above = tracker.finishedAbove()
    }
    assert.equal(finished.size, offsets.length, `seed ${seed}: all of them were handled, once`)
  }
})

test('the changes above the committable offset are counted, so that a commit knows of them', () => {
  const tracker = new OffsetTracker(0)
  for (const offset of [0, 1, 2]) tracker.arrived(offset)
  assert.equal(tracker.gapChanges, 0)
  tracker.finished(2)
  assert.equal(tracker.gapChanges, 1)
  tracker.finished(0)
  assert.equal(tracker.gapChanges, 1, 'that moves the committable offset itself')
})

test('if offsets start again, unfinished records below them still block the commit', () => {
  const tracker = new OffsetTracker(0)
  for (const offset of [3, 4, 5, 6]) tracker.arrived(offset)
  tracker.finished(5)
  for (const offset of [4, 5]) tracker.arrived(offset)
  assert.equal(tracker.committable, 3)
  tracker.finished(3)
  assert.equal(tracker.committable, 4)
  tracker.finished(4)
  assert.equal(tracker.committable, 4, 'the first to finish may be the old one')
  tracker.finished(4)
  tracker.finished(5)
  assert.equal(tracker.committable, 6)
  tracker.finished(6)
  assert.equal(tracker.committable, 6, 'an old one finishes nothing that is not there yet')
  tracker.arrived(6)
  assert.equal(tracker.committable, 6)
  tracker.finished(6)
  assert.equal(tracker.committable, 7)
})

test('a partition where nothing arrived commits its start, and a skip moves it', () => {
  const tracker = new OffsetTracker(42)
  assert.equal(tracker.committable, 42)
  tracker.advance(50)
  assert.equal(tracker.committable, 50)
})

test('a skip past an unfinished record waits for that record', () => {
  const tracker = new OffsetTracker(0)
  tracker.arrived(3)
  tracker.advance(10)
  assert.equal(tracker.committable, 3)
  tracker.finished(3)
  assert.equal(tracker.committable, 10)
})

test('memory does not grow with the number of records', async () => {
  const tracker = new OffsetTracker(0)
  tracker.arrived(0)
  await collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let offset = 1; offset <= 2_000_000; offset++) {
    // Out of order by one, so that the list of the unfinished is never empty.
    tracker.arrived(offset)
    tracker.finished(offset - 1)
  }
  await collectGarbage()
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 4_000_000, `${grown} bytes more after two million records`)
  assert.equal(tracker.committable, 2_000_000)
})

test('if offsets start again, finished records still in a queue are not mistaken for new ones', () => {
  const tracker = new OffsetTracker(5, [{ from: 6, to: 8 }])
  for (const offset of [5, 6, 7]) tracker.arrived(offset)
  assert.equal(tracker.wasFinished(5), false)
  for (let offset = 0; offset < 9; offset++) tracker.arrived(offset)
  assert.deepEqual([tracker.wasFinished(6), tracker.wasFinished(7)], [true, true], 'the old ones')
  tracker.finished(5)
  for (let offset = 0; offset < 9; offset++) assert.equal(tracker.wasFinished(offset), false)
  assert.deepEqual([tracker.committable, tracker.finishedAbove()], [0, []])
  for (let offset = 0; offset < 6; offset++) tracker.finished(offset)
  assert.deepEqual([tracker.committable, tracker.finishedAbove()], [6, []])
})

test('offsets that continue below start there, before any arrives', () => {
  const tracker = new OffsetTracker(100, [{ from: 103, to: 110 }])
  for (const offset of [100, 101, 102]) tracker.arrived(offset)
  tracker.finished(101)
  tracker.restart(101)
  assert.deepEqual([tracker.committable, tracker.position], [100, 101])
  tracker.finished(100)
  assert.equal(tracker.committable, 101, 'not 102: that one is of what was cut off')
  assert.deepEqual(tracker.finishedAbove(), [])
  tracker.finished(102)
  tracker.arrived(101)
  tracker.arrived(102)
  tracker.finished(102)
  assert.equal(tracker.committable, 101)
  tracker.finished(101)
  assert.equal(tracker.committable, 103)
})
