import assert from 'node:assert/strict'
import test from 'node:test'
import { createDuplicateWindow } from '../../../src/handle/duplicates.ts'

/** Shaped like the ids of the streams: a signature and the index of an instruction. */
const idAt = (index: number) =>
  `5x${index.toString(36)}Qm${(index * 7919).toString(36)}:${index % 4}`

test('an id is new once, then known', () => {
  const window = createDuplicateWindow(100)
  assert.deepEqual([window.seen('a'), window.seen('b')], [false, false])
  assert.deepEqual([window.seen('a'), window.seen('b'), window.seen('c')], [true, true, false])
})

test('the newest ids are known, as many as the window holds; those beyond twice as many are not', () => {
  for (const size of [1, 2, 10, 700]) {
    const window = createDuplicateWindow(size)
    /** By when they were last asked for, newest first. */
    let recent: string[] = []
    let state = size
    for (let step = 0; step < 4_000; step++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      const id = idAt((state >>> 8) % (size * 4))
      const age = recent.indexOf(id)
      const known = window.seen(id)
      if (age >= 0 && age < size) assert.equal(known, true, `window ${size}: ${age} ids ago`)
      if (age < 0 || age >= 2 * size) assert.equal(known, false, `window ${size}: ${age} ids ago`)
      recent = [id, ...recent.filter((other) => other !== id)]
    }
  }
})

test('an id that keeps coming stays known', () => {
  const window = createDuplicateWindow(50)
  window.seen('again')
  for (let index = 0; index < 1_000; index++) {
    window.seen(idAt(index))
    if (index % 40 === 0) assert.equal(window.seen('again'), true, `after ${index} others`)
  }
})

test('of many ids none is taken for another', () => {
  const window = createDuplicateWindow(500_000)
  let known = 0
  for (let index = 0; index < 400_000; index++) if (window.seen(idAt(index))) known += 1
  assert.equal(known, 0)
  for (let index = 0; index < 400_000; index++) if (window.seen(idAt(index))) known += 1
  assert.equal(known, 400_000)
})

test('ids that differ in one character, in the order of characters or in length differ', () => {
  const window = createDuplicateWindow(100)
  const ids = [
    '',
    'a',
    'b',
    'ab',
    'ba',
    'aa',
    'aaa',
    'a:1',
    'a:2',
    'A:1',
    'a\u0001',
    '\u0101',
    '\u0000',
  ]
  assert.deepEqual(
    ids.filter((id) => window.seen(id)),
    [],
  )
  assert.deepEqual(
    ids.filter((id) => !window.seen(id)),
    [],
  )
})
