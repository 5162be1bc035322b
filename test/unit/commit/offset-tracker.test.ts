import assert from 'node:assert/strict'
import test from 'node:test'
import { OffsetTracker } from '../../../src/commit/offset-tracker.ts'
import { collectGarbage } from '../flow/collect-garbage.ts'
import { createRandom } from '../random.ts'

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

test('in any order of arriving, finishing and skipping, nothing unfinished is below the committable offset', () => {
  for (let seed = 1; seed <= 200; seed++) play(seed, 400, 1 + (seed % 40))
})

test('the same holds over long histories, with thousands of records unfinished', () => {
  play(1001, 20_000, 3)
  play(1002, 20_000, 2_000)
})

test('a partition where nothing arrived commits its start, and a skip moves it', () => {
  const tracker = new OffsetTracker(42)
  assert.equal(tracker.committable, 42)
  tracker.advance(50)
  assert.equal(tracker.committable, 50)
})

test('a skip beyond an unfinished record waits for that record', () => {
  const tracker = new OffsetTracker(0)
  tracker.arrived(3)
  tracker.advance(10)
  assert.equal(tracker.committable, 3)
  tracker.finished(3)
  assert.equal(tracker.committable, 10)
})

test('memory does not grow with the records that went through', async () => {
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
