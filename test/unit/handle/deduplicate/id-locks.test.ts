import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IdLocks } from '../../../../src/handle/deduplicate/id-locks.ts'

test('waiting for an attempt ends when the attempt is over, even if it was rejected', async () => {
  const claims = new IdLocks()
  const attempt = Promise.withResolvers<unknown>()
  claims.hold(['a', 'b'], attempt.promise)
  const waiting = [claims.of(['a']), claims.of(['x', 'b'])]
  assert.equal(claims.of(['x']), null)
  attempt.reject(new Error('a fault'))
  for (const each of waiting) {
    assert.ok(each !== null)
    await each
  }
  assert.equal(claims.of(['a', 'b']), null)
})
