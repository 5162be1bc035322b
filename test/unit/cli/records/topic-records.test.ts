import assert from 'node:assert/strict'
import test from 'node:test'
import { createNearest } from '../../../../src/cli/records/topic-records.ts'

const record = (offset: number, bytes = 10) => ({
  ...{ topic: 't', partition: 0, offset, timestamp: offset, key: null, headers: undefined },
  value: Buffer.alloc(bytes),
})

test('the first or the last records by their time are kept, in order', () => {
  for (const [isLast, offsets] of [
    [false, [0, 1, 2]],
    [true, [7, 8, 9]],
  ] as const) {
    const nearest = createNearest(3, isLast)
    for (const offset of [5, 9, 0, 7, 1, 8, 2, 3, 4, 6]) nearest.add(record(offset))
    const { records, isFull } = nearest.end()
    assert.deepEqual(
      records.map((each) => each.offset),
      offsets,
    )
    assert.equal(isFull, false)
  }
})

test('large values are bounded while they are read, and those that are left out are said', () => {
  const nearest = createNearest(1_000, false, 100)
  let most = 0
  for (let offset = 0; offset < 100; offset++) {
    nearest.add(record(offset, 30))
    most = Math.max(most, nearest.held)
  }
  const { records, isFull } = nearest.end()
  assert.deepEqual([records.map(({ offset }) => offset), isFull], [[0, 1, 2], true])
  assert.ok(most <= 230, String(most))
})
