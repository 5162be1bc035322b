import assert from 'node:assert/strict'
import test from 'node:test'
import { median } from '../../../bench/report.ts'

test('the median of an even number of turns is the mean of the two in the middle', () => {
  assert.equal(median([3, 1]), 2)
  assert.equal(median([5, 1, 3]), 3)
  assert.equal(median([7, 1, 5, 3]), 4)
  assert.equal(median([4]), 4)
  assert.equal(median([]), Number.NaN)
})
