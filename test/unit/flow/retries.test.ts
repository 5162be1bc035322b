import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../src/kernel/errors.ts'
import { dead } from '../../../src/kernel/shapes/outcome.ts'
import {
  again,
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  fakeTime,
  Handler,
  recordsOf,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

test('partition: a waiting record blocks its partition, not others', async (t) => {
  const tick = fakeTime(t)
  const flow = createFlow(t, {
    handle: ({ partition, offset }) =>
      partition === 0 && offset === 1 && flow.handed.filter((name) => name === '0@1').length === 1
        ? again()
        : done(),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 3))
  flow.listener.batch(batchOf(1, 0, 3))
  await until(() => flow.meters.topic(TOPIC).handled === 4, 'all but two')
  await turns()
  assert.equal(flow.handed.filter((name) => name.startsWith('0@')).at(-1), '0@1')
  await tick(100)
  assert.deepEqual(
    flow.handed.filter((name) => name.startsWith('0@')),
    ['0@0', '0@1', '0@1', '0@2'],
  )
})

test('key: a waiting record blocks its key and no other, and takes no slot', async (t) => {
  const tick = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'key', concurrency: 1 },
    handle: handler.handle,
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b', 'c']))
  await handler.answer('0@0', again())
  assert.deepEqual(handler.inFlight, ['0@2'])
  await handler.answer('0@2', done())
  await handler.answer('0@3', done())
  assert.deepEqual(handler.inFlight, [], 'the second one of a waits')
  await tick(100)
  await handler.answer('0@0', done())
  await handler.answer('0@1', done())
  assert.equal(flow.meters.topic(TOPIC).handled, 4)
})

test('a record that fails all its attempts while others succeed is dead, with all details', async (t) => {
  const tick = fakeTime(t)
  const flow = createFlow(t, {
    handle: ({ partition }) => (partition === 0 ? again() : done()),
    options: { retry: { attempts: 3, backoff: 100, maxBackoff: 400 } },
  })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.handed.length === 1, 'the first attempt')
  flow.listener.batch(batchOf(1, 0, 1))
  await tick(100)
  await tick(200)
  const [letter] = flow.letters
  assert.deepEqual(
    [letter?.record.offset, letter?.handler, letter?.attempts, letter?.error.code],
    [0, 'h', 3, 'OCC_TEST'],
  )
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 1)
})

test('a handler with attempts of its own is tried that often; of several that failed, the most counts', async (t) => {
  const attemptsOf = (handler: string) => ({ few: 2, many: 4 })[handler]
  for (const [failed, expected] of [
    [['few'], 2],
    [['few', 'many'], 4],
    [['h'], 3],
  ] as const) {
    const flow = createFlow(t, {
      options: { order: 'none', retry: { attempts: 3, backoff: 1, maxBackoff: 1 } },
      processor: { attemptsOf },
      handle: ({ offset }) =>
        offset === 0 ? { ...again(failed[0]), failed } : { kind: 'ok', handlers: failed },
    })
    const assignment = assign([0])
    flow.listener.assigned(assignment)
    flow.listener.batch(batchOf(0, 0, 2))
    let next = 2
    await until(() => {
      // A success after the failure, so that the record itself is at fault.
      if (flow.letters.length === 0) flow.listener.batch(batchOf(0, next++, 1))
      return flow.letters.length === 1
    }, 'its letter')
    assert.equal(flow.letters[0]?.attempts, expected)
    await flow.listener.revoking(assignment)
  }
})

test('a record that cannot be handled is dead at once, whatever its handler did with others', async (t) => {
  const permanent = dead(new CodedError('OCC_TEST', 'never'), 'h')
  const flow = createFlow(t, { handle: () => permanent })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 20))
  await until(() => flow.letters.length === 20, 'the dead letters')
  assert.deepEqual(flow.engine.circuits(), [], 'that says nothing about the handler')
})

test('the dead letter is for all handlers that gave up on the record', async (t) => {
  const tick = fakeTime(t)
  const flow = createFlow(t, {
    options: { retry: { attempts: 2, backoff: 100, maxBackoff: 100 } },
    handle: ({ offset }) => {
      const outcome = again('b')
      return offset === 0 && outcome.kind === 'retry' ? { ...outcome, deadFor: 'a,b' } : done('b')
    },
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.handed.length === 1, 'the first attempt')
  flow.listener.batch(batchOf(1, 5, 1, { from: 0 }))
  await tick(100)
  assert.equal(flow.letters[0]?.handler, 'a,b')
})

test('a dead letter knows how often its record was redriven', async (t) => {
  const permanent = dead(new CodedError('OCC_TEST', 'never'), 'h')
  const flow = createFlow(t, { handle: () => permanent })
  flow.listener.assigned(assign([0]))
  const texts = [Buffer.from('2'), 'rubbish', undefined]
  const records = recordsOf(0, 0, 3).map((record, index) => ({
    ...record,
    headers: { 'occ-redrives': texts[index] },
  }))
  flow.listener.batch(batchOf(0, 0, 3, { records }))
  await until(() => flow.letters.length === 3, 'the dead letters')
  assert.deepEqual(
    flow.letters.map(({ redrives }) => redrives),
    [2, 0, 0],
  )
})

test('a rebalance immediately drops records that wait for their next attempt: not committed, not retried', async (t) => {
  const tick = fakeTime(t)
  const flow = createFlow(t, {
    options: { order: 'none', rebalanceDrain: 60_000 },
    handle: ({ offset }) => (offset === 1 ? again() : done()),
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 4))
  await until(() => flow.meters.topic(TOPIC).handled === 3, 'the others')
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 1)
  assert.deepEqual(assignment.commits.at(-1)?.[0]?.finished, [{ from: 2, to: 4 }])
  await tick(60_000)
  assert.equal(flow.handed.length, 4)
})

test('a drain does not wait for another attempt after one that fails during it', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 60_000 }, handle: handler.handle })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the record')
  const revoked = flow.listener.revoking(assignment)
  await handler.answer('0@0', again())
  await revoked
  assert.equal(assignment.committed(0), undefined)
})

test('a processor is told when no attempt follows for a record that had failed', async (t) => {
  const tick = fakeTime(t)
  const settled: number[] = []
  const flow = createFlow(t, {
    options: { order: 'none' },
    handle: ({ offset }) => {
      if (offset === 2) return done()
      return offset === 0 || flow.handed.length < 4 ? again() : done()
    },
    processor: { settled: ({ offset }) => settled.push(offset) },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => flow.handed.length === 3, 'the first attempts')
  assert.deepEqual(settled, [])
  await tick(100)
  await tick(200)
  assert.deepEqual(settled, [1, 0])
})
