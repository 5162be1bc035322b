import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMetadata, encodeMetadata } from '../../../../src/broker/offsets/commit-metadata.ts'
import type { OffsetRange } from '../../../../src/broker/types.ts'
import { NOT_MOVED } from '../../../../src/kernel/shapes/replay.ts'
import { createRandom } from '../../../support/random.ts'

test('the number of partitions round-trips', () => {
  const text = encodeMetadata({ partitions: 12, topicId: null, finished: [], ...NOT_MOVED }, 7)
  assert.deepEqual(decodeMetadata(text, 7), {
    partitions: 12,
    topicId: null,
    finished: [],
    ...NOT_MOVED,
  })
  assert.equal(
    encodeMetadata({ partitions: null, topicId: null, finished: [], ...NOT_MOVED }, 7),
    '',
  )
})

test('the topic id round-trips, also alone', () => {
  const known = { partitions: 12, topicId: 'b2NjLWVtYmVkZGVkLWthZg', finished: [], ...NOT_MOVED }
  assert.deepEqual(decodeMetadata(encodeMetadata(known, 7), 7), known)
  const alone = { ...known, partitions: null }
  assert.deepEqual(decodeMetadata(encodeMetadata(alone, 7), 7), alone)
})

test('the epoch of the last finished record round-trips, and means nothing without one', () => {
  const finished = [{ from: 9, to: 12 }]
  const known = { partitions: 3, topicId: null, finished, finishedEpoch: 4, ...NOT_MOVED }
  assert.deepEqual(decodeMetadata(encodeMetadata(known, 7), 7), known)
  for (const without of [
    { ...known, finished: [] },
    { ...known, finishedEpoch: -1 },
  ]) {
    assert.equal(encodeMetadata(without, 7).includes('epoch'), false)
  }
})

test('what an operator did round-trips; a replay ends where it was set back from', () => {
  const replay = { from: 100, to: 200, deduplicates: true }
  const known = {
    partitions: 3,
    topicId: null,
    finished: [],
    move: 'a1b2',
    replay,
    skippedFrom: 250,
  }
  for (const offset of [100, 199]) {
    assert.deepEqual(decodeMetadata(encodeMetadata(known, offset), offset), known)
  }
  const after = decodeMetadata(encodeMetadata(known, 200), 200)
  assert.deepEqual(after, { ...known, replay: null })
})

test('text of other software is not ours, and not an error', () => {
  const others = ['', null, undefined, 'text', '{', '[]', '7', '"x"', '{"partitions":"3"}']
  for (const text of [...others, '{"partitions":0}', '{"partitions":-2}', '{"finished":"r"}']) {
    assert.deepEqual(
      decodeMetadata(text, 0),
      { partitions: null, topicId: null, finished: [], ...NOT_MOVED },
      String(text),
    )
  }
})

/** Ranges above an offset, of about the given lengths; never touching each other. */
function ranges(seed: number, offset: number, count: number, length: number): OffsetRange[] {
  const random = createRandom(seed)
  let position = offset
  return Array.from({ length: count }, () => {
    const from = position + 1 + random(length)
    position = from + 1 + random(length)
    return { from, to: position }
  })
}

const OFFSETS = [0, 1, 4711, 2 ** 40, Number.MAX_SAFE_INTEGER - 2 ** 33]

test('finished offsets round-trip exactly, in any pattern', () => {
  for (const [seed, offset] of OFFSETS.entries()) {
    for (const [count, length] of [
      [1, 1],
      [1, 1_000_000],
      [500, 1],
      [700, 40],
      [40, 100_000_000],
    ] as const) {
      const finished = ranges(seed, offset, count, length)
      const text = encodeMetadata({ partitions: 3, topicId: null, finished, ...NOT_MOVED }, offset)
      assert.ok(text.length < 4_096, `${text.length} characters`)
      assert.deepEqual(decodeMetadata(text, offset), {
        partitions: 3,
        topicId: null,
        finished,
        ...NOT_MOVED,
      })
    }
  }
})

test('if not all of them fit, the lowest are kept, and never an unfinished one', () => {
  for (const length of [1, 3, 1_000, 1_000_000]) {
    const finished = ranges(9, 100, 50_000, length)
    const text = encodeMetadata({ partitions: 3, topicId: null, finished, ...NOT_MOVED }, 100)
    assert.ok(text.length < 4_096, `${text.length} characters`)
    const back = [...decodeMetadata(text, 100).finished]
    assert.ok(back.length > 300, `${back.length} ranges`)
    const last = back.pop()
    assert.deepEqual(back, finished.slice(0, back.length))
    const cut = finished[back.length]
    assert.ok(last !== undefined && cut !== undefined)
    assert.ok(last.from === cut.from && last.to <= cut.to)
  }
})

test('a dense window of 16,000 records fits, every second one finished', () => {
  const finished = Array.from({ length: 8_000 }, (_, index) => {
    const from = 2 * index + 1
    return { from, to: from + 1 }
  })
  const text = encodeMetadata({ partitions: 12, topicId: null, finished, ...NOT_MOVED }, 0)
  assert.deepEqual(decodeMetadata(text, 0).finished, finished)
})

test('finished offsets are ignored for another committed offset', () => {
  const text = encodeMetadata(
    { partitions: 3, topicId: null, finished: [{ from: 12, to: 15 }], ...NOT_MOVED },
    10,
  )
  assert.deepEqual(decodeMetadata(text, 11), {
    partitions: 3,
    topicId: null,
    finished: [],
    ...NOT_MOVED,
  })
})

test('text damaged anywhere gives no finished offsets and does not throw', () => {
  const random = createRandom(5)
  for (const length of [1, 200]) {
    const finished = ranges(6, 1_000, 20, length)
    const text = encodeMetadata({ partitions: 3, topicId: null, finished, ...NOT_MOVED }, 1_000)
    for (let index = 0; index < text.length; index++) {
      const other = String.fromCharCode(33 + random(90))
      const damaged = text.slice(0, index) + other + text.slice(index + 1)
      const { finished: back } = decodeMetadata(damaged, 1_000)
      if (damaged !== text && back.length > 0) assert.deepEqual(back, finished, damaged)
      assert.deepEqual(decodeMetadata(text.slice(0, index), 1_000).finished, [])
    }
  }
})
