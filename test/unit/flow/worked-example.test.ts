import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { Fault } from '../../../src/kernel/shapes/outcome.ts'
import {
  again,
  assign,
  batchOfKeys,
  createFlow,
  done,
  fails,
  fakeTime,
  Handler,
} from './harness/harness.ts'

// The example of docs/design.md, "A record that fails, second by second".

const FAILING = '0@17'
const SAME_KEY = '0@18'
const OTHER_KEY = '0@19'
/** The longest pauses before the second and the third attempt, milliseconds. */
const PAUSES = [200, 400]

/** Records 16 to 19 with keys B, A, A, B: 16 has succeeded, 17 and 19 are in flight. */
async function setUp(t: TestContext, fault: Fault) {
  const wait = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: {
      order: 'key',
      retry: { attempts: 3, backoff: 200, maxBackoff: 30_000 },
      circuit: { failures: 10, firstFailures: 3, maxProbeAfter: 30_000, patience: 900_000 },
    },
  })
  flow.listener.assigned(assign([0], 16))
  flow.listener.batch(batchOfKeys(0, 16, ['B', 'A', 'A', 'B']))
  await handler.answer('0@16', done())
  return {
    flow,
    handler,
    fail: () => handler.answer(FAILING, fails(fault)),
    succeed: (name: string) => handler.answer(name, done()),
    wait,
  }
}

test('all attempts failed, and a record of another key succeeded meanwhile: a dead letter', async (t) => {
  const { flow, handler, fail, succeed, wait } = await setUp(t, 'world')
  // Begun before the failure, it is no evidence: so another one follows.
  await succeed(OTHER_KEY)
  await fail()
  flow.listener.batch(batchOfKeys(0, 20, ['B']))
  await succeed('0@20')
  for (const pause of PAUSES) {
    assert.deepEqual(handler.inFlight, [])
    await wait(pause)
    await fail()
  }
  assert.deepEqual(flow.dead(), [FAILING])
  await succeed(SAME_KEY)
  assert.equal(flow.status(0).windowRecords, 0)
})

/** 17 has failed without evidence and is a suspect; 19 and then 18, of its key, are in flight. */
async function setAside(t: TestContext, fault: Fault) {
  const it = await setUp(t, fault)
  await it.fail()
  for (const pause of fault === 'world' ? PAUSES : []) {
    await it.wait(pause)
    await it.fail()
  }
  assert.deepEqual(it.flow.dead(), [])
  assert.deepEqual(it.handler.inFlight, [OTHER_KEY, SAME_KEY])
  return it
}

for (const fault of ['world', 'record'] as const) {
  test(`the ${fault}'s fault without evidence: set aside, and dead once a later record of its key succeeds`, async (t) => {
    const { flow, succeed } = await setAside(t, fault)
    await succeed(SAME_KEY)
    assert.deepEqual(flow.dead(), [FAILING])
  })

  test(`the ${fault}'s fault without evidence: one more attempt once another key succeeds`, async (t) => {
    const { flow, handler, succeed, fail } = await setAside(t, fault)
    await handler.answer(SAME_KEY, again())
    await succeed(OTHER_KEY)
    flow.listener.batch(batchOfKeys(0, 20, ['C']))
    await succeed('0@20')
    await fail()
    assert.deepEqual(flow.dead(), [FAILING])
  })
}

/** What may give a suspect its attempt back while a later record of its key is in flight. */
const chances: Record<string, (it: Awaited<ReturnType<typeof setUp>>) => Promise<void>> = {
  'a success of another key': ({ succeed }) => succeed(OTHER_KEY),
  'the timer of suspects': ({ wait }) => wait(1_000),
}

for (const [chance, come] of Object.entries(chances)) {
  test(`a suspect does not succeed after a later record of its key, whatever comes before that: ${chance}`, async (t) => {
    const it = await setAside(t, 'world')
    await come(it)
    await it.succeed(SAME_KEY)
    assert.ok(!it.handler.inFlight.includes(FAILING), '17 is handed over after 18 succeeded')
    assert.deepEqual(it.flow.dead(), [FAILING])
  })
}
