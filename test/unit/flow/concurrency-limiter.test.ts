import assert from 'node:assert/strict'
import test from 'node:test'
import { ConcurrencyLimiter } from '../../../src/flow/concurrency-limiter.ts'

test('a token that arrives between the check and the wait is not missed', (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const limiter = new ConcurrencyLimiter(10, 1_000)
  limiter.passed(100)
  assert.equal(limiter.open, false)
  now += 2
  let isTold = false
  limiter.whenOpen(() => {
    isTold = true
  })
  assert.ok(isTold)
  limiter.close()
})
