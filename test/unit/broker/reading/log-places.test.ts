import assert from 'node:assert/strict'
import test from 'node:test'
import { partBetween } from '../../../../src/broker/reading/log-places.ts'
import type { Place } from '../../../../src/kernel/text/place.ts'

const each = { topic: 't', partition: 0 }

/** Where reading begins and ends in a log from 10 to 100. */
function between(from: Place, until: Place | null = { kind: 'end' }, at: number | null = null) {
  const part = partBetween(each, { first: 10, end: 100, at: () => at }, from, until)
  return [part.from, part.to, part.deleted]
}

test('places are offsets in the log; what retention has deleted is named', () => {
  assert.deepEqual(between({ kind: 'beginning' }), [10, 100, null])
  assert.deepEqual(between({ kind: 'back', records: 30 }), [70, 100, null])
  assert.deepEqual(between({ kind: 'back', records: 300 }, null), [10, null, null])
  assert.deepEqual(between({ kind: 'offset', offset: 4 }), [10, 100, { from: 4, to: 10 }])
  const until: Place = { kind: 'offset', offset: 400 }
  assert.deepEqual(between({ kind: 'end' }, until), [100, 100, null])
  assert.throws(() => between({ kind: 'offset', offset: 101 }), {
    code: 'OCC_OFFSET_BEYOND',
    message: /t\/0 ends at offset 100, and 101 is beyond it/,
  })
})

test('a time whose first record is in an open transaction, or came since, is the end', () => {
  const time: Place = { kind: 'time', time: 1 }
  assert.deepEqual(between(time, null, 50), [50, null, null])
  assert.deepEqual(between(time, null, 105), [100, null, null])
  assert.deepEqual(between({ kind: 'beginning' }, time, 105), [10, 100, null])
  assert.deepEqual(between(time, null, null), [100, null, null])
})
