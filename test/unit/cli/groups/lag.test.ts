import assert from 'node:assert/strict'
import test from 'node:test'
import { durationOf } from '../../../../src/cli/arguments.ts'
import { keptSince } from '../../../../src/cli/groups/lag.ts'
import { intervalOf } from '../../../../src/cli/terminal/watch.ts'

test('rates are those since the oldest reading of the window, or since the last one', () => {
  const samples = [0, 30, 60, 90].map((at) => ({ at, partitions: new Map() }))
  assert.equal(keptSince(samples, 20)?.at, 30)
  assert.deepEqual(
    samples.map(({ at }) => at),
    [30, 60, 90],
  )
  assert.equal(keptSince(samples, 500)?.at, 90)
  assert.equal(samples.length, 1)
  assert.equal(keptSince([], 0), null)
})

test('--watch does not ask without a pause', () => {
  assert.deepEqual([intervalOf(), intervalOf('100ms'), durationOf('--over', '0s')], [2_000, 100, 0])
  assert.throws(() => intervalOf('0s'), {
    code: 'OCC_USAGE',
    message: '--interval is 0s; give a time: 500ms, 5s, 1m, at least 100ms, at most 24h',
  })
})

test('a pause that no timer can wait for is refused: it would be none', () => {
  for (const text of ['30d', '99999999999h']) {
    assert.throws(() => intervalOf(text), { message: /at most 24h$/ })
    assert.throws(() => durationOf('--over', text), { message: /1m, at most 24h$/ })
  }
})
