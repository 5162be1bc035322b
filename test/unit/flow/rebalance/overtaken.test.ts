import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { assign, batchOfKeys, createFlow, done, Handler, turns } from '../harness/harness.ts'

const error = new CodedError('OCC_TEST', 'failed')
/** An attempt that failed in these handlers, and succeeded in those of `handlers`. */
const fails = (failed: readonly string[], handlers: readonly string[] = []): Outcome => ({
  kind: 'retry',
  error,
  handler: failed[0] ?? null,
  failed,
  after: null,
  ...(handlers.length > 0 && { handlers }),
})

/** Two handlers, a and b. Records 0 and 1 have the same key. */
async function setUp(t: TestContext, attempts: number) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    processor: { handlers: ['a', 'b'] },
    options: { order: 'key', retry: { attempts, backoff: 100, maxBackoff: 100 } },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['X', 'X']))
  // Both are taken: record 1 waits behind record 0.
  await turns()
  const wait = async (milliseconds: number) => {
    t.mock.timers.tick(milliseconds)
    await turns()
  }
  return { flow, handler, wait }
}

/** Record 0 failed in handler a, and gets another attempt; record 1 is in flight. */
async function setUpRevived(t: TestContext) {
  const { flow, handler, wait } = await setUp(t, 1)
  await handler.answer('0@0', fails(['a']))
  assert.deepEqual([flow.status(0).suspects, handler.inFlight], [1, ['0@1']])
  await wait(1_000)
  assert.equal(flow.status(0).suspects, 0)
  return { flow, handler }
}

test('a suspect that gets its attempt back is not overtaken by a record that another handler handled', async (t) => {
  const { flow, handler } = await setUpRevived(t)
  // The filter of a leaves record 1 out.
  await handler.answer('0@1', done('b'))
  assert.deepEqual(flow.dead(), [])
  await handler.answer('0@0', done('a'))
  assert.deepEqual([flow.dead(), handler.inFlight], [[], []])
})

test('nor by a record that was finished without a call', async (t) => {
  const { flow, handler } = await setUpRevived(t)
  await handler.answer('0@1', OK)
  assert.deepEqual([flow.dead(), handler.inFlight], [[], ['0@0']])
})

for (const [name, outcome] of [
  ['failed', fails(['b'], ['a'])],
  ['gave it up', { kind: 'dead', error, handler: 'b', handlers: ['a'] }],
] as const) {
  test(`it is overtaken by a record that its handler handled, although another handler ${name}`, async (t) => {
    const { flow, handler } = await setUpRevived(t)
    await handler.answer('0@1', outcome)
    assert.equal(flow.dead()[0], '0@0')
    assert.ok(!handler.inFlight.includes('0@0'))
  })
}

test('a suspect of two handlers is overtaken in one of them, although only the other is in doubt', async (t) => {
  const { flow, handler, wait } = await setUp(t, 2)
  await handler.answer('0@0', fails(['a', 'b']))
  flow.listener.batch(batchOfKeys(0, 2, ['Y', 'Z']))
  await turns()
  // Evidence for a, and none for b.
  await handler.answer('0@2', done('a'))
  await wait(100)
  await handler.answer('0@0', fails(['a', 'b']))
  assert.deepEqual(flow.status(0).suspects, 1)
  await handler.answer('0@1', done('a'))
  await handler.answer('0@3', done('b'))
  assert.deepEqual([flow.dead(), handler.inFlight], [['0@0'], []])
})
