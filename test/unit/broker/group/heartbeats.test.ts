import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { Coordinator } from '../../../../src/broker/group/coordinator.ts'
import { Heartbeats } from '../../../../src/broker/group/heartbeats.ts'
import { memberOptions } from '../../../support/consuming.ts'

const SESSION = 6_000
const INTERVAL = 500

/** The coordinator never answers. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const coordinator = { heardAt: 0, send: () => new Promise(() => {}) } as unknown as Coordinator
  const reasons: string[] = []
  const options = memberOptions({ sessionTimeout: SESSION, heartbeatInterval: INTERVAL })
  const clock = { now: () => 0, monotonic: () => now }
  const heartbeats = new Heartbeats(options, coordinator, clock, {
    identity: () => ({ memberId: 'one', generation: 1 }),
    turn() {},
    refused() {},
    expired: (reason) => reasons.push(reason),
  })
  heartbeats.start()
  t.after(() => heartbeats.stop())
  return {
    reasons,
    /** @param late milliseconds */
    tick(late = 0) {
      now += INTERVAL + late
      t.mock.timers.tick(INTERVAL)
    },
  }
}

test('a coordinator that is silent for the whole session', (t) => {
  const { reasons, tick } = setUp(t)
  for (let at = 0; at < SESSION; at += INTERVAL) tick()
  assert.deepEqual(reasons, [])
  tick()
  assert.deepEqual(reasons, ['no broker has answered for the whole session timeout'])
})

test('a process that stood still for the whole session does not blame the brokers', (t) => {
  const { reasons, tick } = setUp(t)
  tick()
  tick(20_000)
  assert.equal(reasons.length, 1)
  assert.match(reasons[0] ?? '', /^this process stood still for 20 s, .*event loop/)
})
