import assert from 'node:assert/strict'
import test from 'node:test'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { collectGarbage, isGone } from '../../../support/collect-garbage.ts'
import {
  assign,
  batchOf,
  createFlow,
  Handler,
  recordAt,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

const namesOf = (partition: number, from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${partition}@${from + index}`)

test('a handler that answers synchronously gets the records of a partition in order', async (t) => {
  const flow = createFlow(t)
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 500))
  flow.listener.batch(batchOf(0, 500, 500))
  await until(() => flow.handed.length === 1_000, 'all records')
  assert.deepEqual(flow.handed, namesOf(0, 0, 1_000))
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 1_000)
  assert.equal(flow.meters.topic(TOPIC).handled, 1_000)
})

test('a handler that answers asynchronously has one record of a partition in flight, in order', async (t) => {
  let inFlight = 0
  let max = 0
  const flow = createFlow(t, {
    async handle(record) {
      inFlight += 1
      max = Math.max(max, inFlight)
      // Later records would be done earlier if they did not wait for their turn.
      await turns(20 - record.offset)
      inFlight -= 1
      return OK
    },
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 20))
  await until(() => flow.meters.topic(TOPIC).handled === 20, 'all records')
  assert.deepEqual(flow.handed, namesOf(0, 0, 20))
  assert.equal(max, 1)
})

test('a handler that answers sometimes synchronously and sometimes not keeps the order', async (t) => {
  const flow = createFlow(t, {
    handle: (record) => (record.offset % 3 === 0 ? turns(2).then((): Outcome => OK) : OK),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 100))
  await until(() => flow.meters.topic(TOPIC).handled === 100, 'all records')
  assert.deepEqual(flow.handed, namesOf(0, 0, 100))
})

test('partitions are handled at the same time; one that never answers does not block the others', async (t) => {
  const flow = createFlow(t, {
    commit: { everyRecords: 1 },
    handle: (record) => (record.partition === 0 ? new Promise<Outcome>(() => {}) : OK),
  })
  const assignment = assign([0, 1, 2])
  flow.listener.assigned(assignment)
  for (const partition of [0, 1, 2]) flow.listener.batch(batchOf(partition, 0, 50))
  await until(() => assignment.committed(2) === 50, 'the neighbours to be committed')
  assert.equal(assignment.committed(0), undefined)
  assert.deepEqual(
    flow.handed.filter((name) => name.startsWith('0@')),
    ['0@0'],
  )
  assert.equal(flow.status(0).inFlight, 1)
})

test('a record skipped by a rule is finished, and counted as such', async (t) => {
  const flow = createFlow(t, { handle: () => ({ kind: 'skip', reason: 'not watched' }) })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => flow.meters.topic(TOPIC).skipped === 3, 'all records')
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 3)
  assert.equal(flow.meters.topic(TOPIC).handled, 0)
})

test('offsets that never arrive move the committed offset, but not beyond an unfinished record', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 4, 1, { from: 0 }))
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 9)
  flow.listener.moved({ topic: TOPIC, partition: 1 }, 7)
  await turns()
  const revoked = flow.listener.revoking(assignment)
  await handler.answer('0@4')
  await revoked
  assert.equal(assignment.committed(0), 9)
  assert.equal(assignment.committed(1), 7)
})

test('an unfinished record holds the committed offset back', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 4, 3, { from: 0 }))
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 30)
  await handler.answer('0@4')
  assert.equal(assignment.committed(0), 5)
})

test('a batch for a partition that is not assigned is ignored', async (t) => {
  const flow = createFlow(t)
  flow.listener.batch(batchOf(0, 0, 5))
  flow.listener.assigned(assign([1]))
  flow.listener.batch(batchOf(0, 0, 5))
  flow.listener.batch({ ...batchOf(1, 0, 5), topic: 'another' })
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 9)
  flow.listener.endOffset({ topic: TOPIC, partition: 0 }, 9, null)
  flow.listener.batch(batchOf(1, 0, 1))
  await until(() => flow.handed.length === 1, 'the assigned partition')
  await turns()
  assert.deepEqual(flow.handed, ['1@0'])
})

test('a recreated topic is handled and committed from its start', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const assignment = assign([0], 1_000)
  flow.listener.assigned(assignment)
  // Offset 1000 of the old topic is in flight and 1001 is queued when the topic starts again at 0.
  // The new topic reaches the same offsets.
  flow.listener.batch(batchOf(0, 1_000, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 999)
  flow.listener.batch(batchOf(0, 999, 3))
  await handler.answer('0@1000')
  await handler.answer('0@1001')
  assert.equal(assignment.committed(0), 999, 'old records finish nothing of the new topic')
  await handler.answer('0@999')
  assert.equal(assignment.committed(0), 1_000)
  await handler.answer('0@1000')
  await handler.answer('0@1001')
  assert.equal(assignment.committed(0), 1_002)
})

for (const [kind, moves] of [
  ['does not move', false],
  ['moves slowly', true],
] as const) {
  test(`a queue that ${kind} releases the fetch buffers, and its records stay intact`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const handler = new Handler()
    const values: string[] = []
    const flow = createFlow(t, {
      handle(record, signal) {
        values.push(String(record.value))
        return handler.handle(record, signal)
      },
    })
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 3))
    const whole = (() => {
      const response = Buffer.allocUnsafeSlow(1_000_000)
      response.write('kept')
      const records = [recordAt(0, 3, { value: response.subarray(0, 4) })]
      flow.listener.batch(batchOf(0, 3, 1, { records }))
      return new WeakRef(response.buffer)
    })()
    if (moves) await handler.answer('0@0')
    t.mock.timers.tick(1_000)
    if (moves) await handler.answer('0@1')
    t.mock.timers.tick(1_000)
    await collectGarbage()
    assert.equal(isGone(whole), true)
    for (const offset of moves ? [2] : [0, 1, 2]) await handler.answer(`0@${offset}`)
    assert.deepEqual(values, ['0@0', '0@1', '0@2', 'kept'])
  })
}
