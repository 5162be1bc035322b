import assert from 'node:assert/strict'
import test from 'node:test'
import { createRateLimiter } from '../../../../src/handle/api/rate-limiter.ts'

test('turns are spread evenly and come in the order of the calls', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const pass = async (milliseconds: number) => {
    now += milliseconds
    t.mock.timers.tick(milliseconds)
    // A turn continues in promises.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  const limiter = createRateLimiter(2)
  const done: number[] = []
  for (let call = 1; call <= 4; call++) void limiter.turn().then(() => done.push(call))
  await pass(0)
  assert.deepEqual(done, [1], 'the first is free')
  await pass(499)
  assert.deepEqual(done, [1])
  await pass(1)
  assert.deepEqual(done, [1, 2])
  await pass(1000)
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('a caller that gives up leaves its turn to the others', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const limiter = createRateLimiter(1)
  await limiter.turn()
  const controller = new AbortController()
  const given = limiter.turn(controller.signal)
  controller.abort(new Error('moved'))
  await assert.rejects(given, /moved/)
  await assert.rejects(limiter.turn(controller.signal), /moved/)
  let isDone = false
  const next = limiter.turn().then(() => {
    isDone = true
  })
  now = 1000
  t.mock.timers.tick(1000)
  await next
  assert.ok(isDone)
})

test('a rate that would never give a turn is refused', () => {
  for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createRateLimiter(rate), RangeError)
  }
})
