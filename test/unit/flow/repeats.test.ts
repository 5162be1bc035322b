import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../src/kernel/errors.ts'
import { dead } from '../../../src/kernel/shapes/outcome.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { assign, batchOf, done, fails, until } from './harness/harness.ts'
import { setUp } from './harness/judging.ts'

test('a circuit that keeps opening and closing is logged a few times a minute, with a count', async (t) => {
  const log = createCapturedLog()
  let calls = 0
  let clock = 0
  const { flow, tick } = setUp(
    t,
    { order: 'none' },
    () => {
      calls += 1
      return calls % 12 === 0 ? done() : fails('limit')
    },
    { log, clock: { now: Date.now, monotonic: () => clock } },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1_000))
  for (let second = 0; second < 125; second++) {
    clock += 1_000
    await tick(1)
  }
  const { openings = 0 } = flow.engine.circuits().find(({ handler }) => handler === 'h') ?? {}
  assert.ok(openings >= 5, `${openings} openings`)
  const lines = log.lines.map(({ text }) => text)
  assert.ok(lines.length <= 3 * 3 * 3, lines.join('\n'))
  assert.match(lines.join('\n'), /\d+ more times/)
  assert.deepEqual(flow.dead(), [])
})

test('thousands of dead letters for the same reason are logged a few times, and then counted', async (t) => {
  const log = createCapturedLog()
  let clock = 0
  const error = new CodedError('OCC_TEST', 'odd')
  const { flow } = setUp(t, {}, () => dead(error, 'h'), {
    log,
    clock: { now: Date.now, monotonic: () => clock },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2_000))
  await until(() => flow.letters.length === 2_000, 'the letters')
  assert.equal(log.lines.length, 10)
  clock = 60_000
  flow.listener.batch(batchOf(0, 2_000, 1))
  await until(() => flow.letters.length === 2_001, 'one more')
  assert.match(log.lines[10]?.text ?? '', /\(1990 more since/)
})
