import assert from 'node:assert/strict'
import test from 'node:test'
import {
  createDuplicateWindow,
  type DuplicateWindow,
} from '../../../../src/handle/deduplicate/window.ts'
import { createDuplicateWindows } from '../../../../src/handle/deduplicate/windows.ts'
import type { Clock } from '../../../../src/kernel/time/clock.ts'

const AGE = 240_000

/** A clock that only advances when told to. */
function createClock(): Clock & { turn(milliseconds: number): void } {
  let now = 0
  return {
    now: () => now,
    monotonic: () => now,
    turn(milliseconds) {
      now += milliseconds
    },
  }
}

function createWindow(size: number, clock: Clock = createClock()) {
  const window = createDuplicateWindow(size, AGE, clock)
  return { window, seen: (id: string) => see(window, id) }
}

function see(window: DuplicateWindow, id: string): boolean {
  const known = window.has(id)
  window.add(id)
  return known
}

/** Shaped like the ids of the streams: a signature and the index of an instruction. */
const idAt = (index: number) =>
  `5x${index.toString(36)}Qm${(index * 7919).toString(36)}:${index % 4}`

test('an id is known once it is added, not by asking for it', () => {
  const { window } = createWindow(100)
  assert.deepEqual([window.has('a'), window.has('a')], [false, false])
  window.add('a')
  assert.deepEqual([window.has('a'), window.has('b')], [true, false])
})

test('the newest ids are known, up to the size of the window; those beyond twice the size are not', () => {
  for (const size of [1, 2, 10, 700]) {
    const { seen } = createWindow(size)
    /** By when they were last added, newest first. */
    let recent: string[] = []
    let state = size
    for (let step = 0; step < 4_000; step++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      const id = idAt((state >>> 8) % (size * 4))
      const age = recent.indexOf(id)
      const known = seen(id)
      if (age >= 0 && age < size) assert.equal(known, true, `window ${size}: ${age} ids ago`)
      if (age < 0 || age >= 2 * size) assert.equal(known, false, `window ${size}: ${age} ids ago`)
      recent = [id, ...recent.filter((other) => other !== id)]
    }
  }
})

test('an id that keeps coming stays known', () => {
  const { seen } = createWindow(50)
  seen('again')
  for (let index = 0; index < 1_000; index++) {
    seen(idAt(index))
    if (index % 40 === 0) assert.equal(seen('again'), true, `after ${index} others`)
  }
})

test('an id is known for the age, and forgotten after twice the age, however few there are', () => {
  const clock = createClock()
  const { window } = createWindow(1000, clock)
  window.add('a')
  clock.turn(AGE - 1)
  assert.equal(window.has('a'), true)
  window.add('b')
  clock.turn(AGE)
  assert.deepEqual([window.has('a'), window.has('b')], [true, true])
  clock.turn(AGE)
  assert.deepEqual([window.has('a'), window.has('b')], [false, false])
  window.add('c')
  clock.turn(10 * AGE)
  assert.equal(window.has('c'), false)
})

test('no id among many is mistaken for another', () => {
  const { seen } = createWindow(500_000)
  let known = 0
  for (let index = 0; index < 400_000; index++) if (seen(idAt(index))) known += 1
  assert.equal(known, 0)
  for (let index = 0; index < 400_000; index++) if (seen(idAt(index))) known += 1
  assert.equal(known, 400_000)
})

test('ids that differ in one character, in the order of characters or in length differ', () => {
  const { window } = createWindow(100)
  const ids = ['', 'a', 'b', 'ab', 'ba', 'aa', 'aaa', 'a:1', 'a:2', 'A:1', 'a\u0001', '\u0101']
  for (const id of [...ids, '\u0000']) {
    assert.equal(window.has(id), false, id)
    window.add(id)
    assert.equal(window.has(id), true, id)
  }
})

test('a full window takes 10 to 14 bytes per id', (t) => {
  const { window } = createWindow(100_000)
  let max = 0
  for (let index = 0; index < 400_000; index++) {
    window.add(idAt(index))
    // The window remembers between `size` and twice `size` ids.
    const remembered = index < 100_000 ? index + 1 : 100_001 + (index % 100_000)
    if (index >= 100_000) max = Math.max(max, window.bytes / remembered)
  }
  t.diagnostic(`at most ${max.toFixed(1)} bytes per id`)
  assert.ok(max <= 14, `${max} bytes per id`)
})

test('the window of a partition that returns within the age continues; later it starts empty', () => {
  const clock = createClock()
  const windows = createDuplicateWindows(100, AGE, clock)
  const zero = { topic: 'transfers', partition: 0 }
  windows.open(zero).add('a')
  clock.turn(AGE - 1)
  assert.equal(windows.open({ ...zero, partition: 1 }).has('a'), false, 'another partition')
  assert.equal(windows.open(zero).has('a'), true)
  clock.turn(2 * AGE)
  assert.equal(windows.open(zero).has('a'), false)
})
