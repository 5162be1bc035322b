import assert from 'node:assert/strict'
import test from 'node:test'
import { cutShort } from '../../../../src/broker/reading/ended-parts.ts'

const RANGE = { topic: 'blocks', partition: 3, position: 70, to: 100 }

test('a log that was cut says what is gone, and names no offsets that nobody knows', () => {
  assert.match(cutShort(RANGE, 60).message, /40 offsets \(60 to 99\) are no longer there/)
  // Its leader does not answer, or it has grown beyond the range again.
  for (const end of [null, 100, 250]) {
    const { message } = cutShort(RANGE, end)
    assert.match(message, /at which offset is not known/)
    assert.match(message, /Not read: 30 offsets \(70 to 99\)/)
    assert.doesNotMatch(message, /offsets? 0|-\d/)
  }
})
