import assert from 'node:assert/strict'
import test from 'node:test'
import { Admission } from '../../../src/flow/concurrency-limiter.ts'

test('a token that comes between the question and the wait for it is not missed', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const admission = new Admission(10, 1_000)
  admission.passed(100)
  assert.equal(admission.open, false)
  now += 2
  let isTold = false
  admission.whenOpen(() => {
    isTold = true
  })
  assert.ok(isTold)
  admission.close()
})
