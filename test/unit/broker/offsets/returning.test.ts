import assert from 'node:assert/strict'
import test from 'node:test'
import { Returning } from '../../../../src/broker/offsets/returning.ts'

const partition = { topic: 't', partition: 3 }

test('a partition that left begins anew once', () => {
  const mayBegin = new Returning().leave(partition)
  assert.deepEqual([mayBegin(), mayBegin()], [true, false])
})

test('one that is taken away meanwhile does not, not even for the next one who has it', () => {
  const returning = new Returning()
  const before = returning.leave(partition)
  returning.takenAway([partition])
  assert.equal(before(), false)
  const after = returning.leave(partition)
  assert.deepEqual([before(), after()], [false, true])
})
