import assert from 'node:assert/strict'
import test from 'node:test'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import {
  assign,
  batchOf,
  createFlow,
  done,
  nameOf,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'
import { ORDERS, range } from './harness/judging.ts'

/** Records from an offset on need what is not there yet. */
function awaiting(from: number) {
  const loading = Promise.withResolvers<void>()
  let isThere = false
  return {
    load() {
      isThere = true
      loading.resolve()
    },
    processorOf: ({ partition }: { partition: number }) => ({
      mayAwait: true,
      awaits: ({ offset }: { offset: number }) =>
        partition === 0 && offset >= from && !isThere ? loading.promise : null,
    }),
  }
}

for (const order of ORDERS) {
  test(`${order}: a record that needs a schema is not taken before it is loaded; others go on, and none is lost or swapped`, async (t) => {
    const { load, processorOf } = awaiting(3)
    const flow = createFlow(t, { options: { order, concurrency: 1 }, processorOf })
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 10))
    await until(() => flow.handed.length === 13, 'what can be handed over')
    assert.deepEqual(
      flow.handed.filter((name) => name.startsWith('0@')),
      range(0, 0, 3),
    )
    assert.deepEqual(
      flow.handed.filter((name) => name.startsWith('1@')),
      range(1, 0, 10),
    )
    assert.deepEqual([flow.status(0).pausedBy, flow.status(1).pausedBy], ['schema', null])
    assert.equal(flow.engine.load().inFlight, 0, 'it holds no place')
    load()
    await until(() => flow.meters.topic(TOPIC).handled === 20, 'all')
    assert.deepEqual(
      flow.handed.filter((name) => name.startsWith('0@')),
      range(0, 0, 10),
    )
    assert.equal(flow.status(0).pausedBy, null)
    assert.deepEqual(flow.dead(), [])
  })
}

test('a partition that waits for a schema can be revoked, and the offset stays before the record', async (t) => {
  const { processorOf } = awaiting(3)
  const flow = createFlow(t, { processorOf, handle: (record) => done(nameOf(record)) })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 10))
  await until(() => flow.handed.length === 3, 'the first three')
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 3)
})

test('what is waited for is looked at again once a second, because the topic may be read in another way now', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let isJson = false
  const never = new Promise<void>(() => {})
  const handed: number[] = []
  const flow = createFlow(t, {
    openProcessor: () => ({
      get mayAwait() {
        return !isJson
      },
      awaits: () => never,
      process({ offset }) {
        handed.push(offset)
        return OK
      },
    }),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 3))
  await turns()
  assert.deepEqual([handed.length, flow.status(0).pausedBy], [0, 'schema'])
  t.mock.timers.tick(1_000)
  await turns()
  assert.deepEqual([handed.length, flow.status(0).pausedBy], [0, 'schema'])
  isJson = true
  t.mock.timers.tick(1_000)
  await until(() => handed.length === 3, 'the records')
})
