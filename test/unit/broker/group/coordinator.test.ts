import assert from 'node:assert/strict'
import test from 'node:test'
import type { LinkPurpose, Links } from '../../../../src/broker/cluster/links.ts'
import { Coordinator } from '../../../../src/broker/group/coordinator.ts'
import { heartbeatApi, joinGroupApi } from '../../../../src/broker/protocol/index.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'

/** One broker, which answers nothing but who coordinates the group. */
function setUp() {
  const underWay = new Map<LinkPurpose, (error: Error) => void>()
  const links = {
    brokers: new Map([[1, { id: 1, host: 'one', port: 9092 }]]),
    ask: async () => ({ error: 0, id: 1, host: 'one', port: 9092 }),
    get: (_: number, purpose: LinkPurpose) => ({
      send: () => new Promise((_, reject) => underWay.set(purpose, reject)),
    }),
    dropOne(_: number, purpose: LinkPurpose) {
      const closed = new OccError('OCC_LINK_CLOSED', 'closed on our side', { retriable: true })
      underWay.get(purpose)?.(closed)
    },
  } as unknown as Links
  return { coordinator: new Coordinator(links, 'g', systemClock), underWay }
}

test('a join that ends because heartbeats are not answered says that', async () => {
  const { coordinator, underWay } = setUp()
  const request = {} as never
  const join = coordinator.send(joinGroupApi, request, 'join', 10_000)
  const heartbeat = coordinator.send(heartbeatApi, request, 'group', 1_000)
  const ended = Promise.allSettled([join, heartbeat])
  await new Promise(setImmediate)
  const timeout = new OccError('OCC_BROKER_TIMEOUT', 'no answer', { retriable: true })
  underWay.get('group')?.(timeout)
  const reasons = (await ended).map((result) => result.status === 'rejected' && result.reason)
  assert.deepEqual(reasons, [timeout, timeout])
  assert.equal(coordinator.problem, timeout)
})
