import assert from 'node:assert/strict'
import test from 'node:test'
import { timeOf } from '../../../../src/cli/arguments.ts'
import { partOf, placeOf } from '../../../../src/cli/records/place.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

test('a place is a word, an offset, a distance from the end, an age, or a time with its zone', () => {
  assert.deepEqual(placeOf('x', 'BEGINNING', NOW), { kind: 'beginning' })
  assert.deepEqual(placeOf('x', 'end', NOW), { kind: 'end' })
  assert.deepEqual(placeOf('x', '1200', NOW), { kind: 'offset', offset: 1200 })
  assert.deepEqual(placeOf('x', '-1000', NOW), { kind: 'back', records: 1000 })
  assert.deepEqual(placeOf('x', '2h', NOW), { kind: 'time', time: NOW - 7_200_000 })
  assert.equal(timeOf('x', '2h-ago', NOW), NOW - 7_200_000)
  assert.equal(timeOf('x', '2026-01-31T14:00:00+02:00', NOW), NOW)
  assert.equal(timeOf('x', '2026-01-31 12:00Z', NOW), NOW)
})

test('a time without a zone is refused, because it would mean another one elsewhere', () => {
  assert.throws(
    () => placeOf('--until', '2026-01-31T12:00:00', NOW),
    /^OccError: --until: 2026-01-31T12:00:00 has no time zone, .* write 2026-01-31T12:00:00Z for UTC/,
  )
  assert.throws(
    () => placeOf('--until', 'yesterday', NOW),
    /--until: yesterday is not understood; give BEGINNING, /,
  )
  assert.throws(
    () => placeOf('--until', '2025-02-30T12:00:00Z', NOW),
    /^OccError: --until: 2025-02-30T12:00:00Z is no date that exists/,
  )
})

test('partitions are numbers and ranges; none means all', () => {
  const from = { kind: 'beginning' }
  assert.deepEqual(partOf('a.b-c_d', NOW), { topic: 'a.b-c_d', partitions: null, from })
  assert.deepEqual(partOf('t:0-2,7,1', NOW), { topic: 't', partitions: [0, 1, 2, 7], from })
  assert.deepEqual(partOf('t:3@-5', NOW), {
    ...{ topic: 't', partitions: [3] },
    from: { kind: 'back', records: 5 },
  })
  for (const wrong of ['t:', 't:x', 't:5-2', 't:0-99999999', 't:1,,2']) {
    assert.throws(() => partOf(wrong, NOW), /give numbers: 3, 0-5, or 0,3-5/, wrong)
  }
  assert.throws(() => partOf('@END', NOW), /names no topic and partitions/)
  assert.throws(() => partOf('t@', NOW), /the place of t@: {2}is not understood; give BEGINNING/)
})
