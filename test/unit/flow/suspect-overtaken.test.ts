import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { CodedError } from '../../../src/kernel/errors.ts'
import { type Fault, retry } from '../../../src/kernel/outcome.ts'
import { assign, batchOfKeys, createFlow, done, Handler, turns } from './harness.ts'

// Records as in docs/design.md, "A record that fails, second by second": nothing of a key succeeds after a later one.

const FAILING = '0@17'
const SAME_KEY = '0@18'
const OTHER_KEY = '0@19'
/** The longest pauses before the second and the third attempt, milliseconds. */
const PAUSES = [200, 400]

/** Records 16 to 19 with keys B, A, A, B: 16 has succeeded, 17 and 19 are in flight. */
async function setUp(t: TestContext, fault: Fault) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: {
      order: 'key',
      retry: { attempts: 3, backoff: 200, maxBackoff: 30_000 },
      circuit: {
        failures: 10,
        firstFailures: 3,
        probeAfter: 1_000,
        maxProbeAfter: 30_000,
        patience: 900_000,
      },
    },
  })
  flow.listener.assigned(assign([0], 16))
  flow.listener.batch(batchOfKeys(0, 16, ['B', 'A', 'A', 'B']))
  await handler.answer('0@16', done())
  const failure = { ...retry(new CodedError('OCC_TEST', 'failed'), 'h'), fault }
  return {
    flow,
    handler,
    fail: () => handler.answer(FAILING, failure),
    succeed: (name: string) => handler.answer(name, done()),
    async wait(milliseconds: number) {
      t.mock.timers.tick(milliseconds)
      await turns()
    },
  }
}

test('a suspect that gets its attempt back while a later record of its key is in flight does not succeed after it', async (t) => {
  const { flow, handler, fail, succeed, wait } = await setUp(t, 'world')
  const order: string[] = []
  await fail()
  for (const pause of PAUSES) {
    await wait(pause)
    await fail()
  }
  // 17 is a suspect, 18 of the same key is in flight. A success of another key revives 17.
  await succeed(OTHER_KEY)
  await succeed(SAME_KEY)
  order.push(SAME_KEY)
  if (handler.inFlight.includes(FAILING)) {
    await succeed(FAILING)
    order.push(FAILING)
  }
  assert.deepEqual(order, [SAME_KEY])
  assert.deepEqual(flow.dead(), [FAILING])
})

test('the same by the timer of suspects', async (t) => {
  const { flow, handler, fail, succeed, wait } = await setUp(t, 'world')
  await fail()
  for (const pause of PAUSES) {
    await wait(pause)
    await fail()
  }
  await wait(1_000)
  await succeed(SAME_KEY)
  assert.ok(!handler.inFlight.includes(FAILING), '17 is handed over after 18 succeeded')
  assert.deepEqual(flow.dead(), [FAILING])
})
