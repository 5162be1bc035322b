import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { CodedError, type OccError } from '../../../src/kernel/errors.ts'
import { dead, OK } from '../../../src/kernel/shapes/outcome.ts'
import { assign, batchOf, createFlow, TOPIC, turns, until } from './harness/harness.ts'

const POISON = dead(new CodedError('OCC_JSON', 'no JSON'))

/** The dead-letter target; the test decides when writing succeeds. */
function createStore() {
  const asked: string[] = []
  const waiting: Array<PromiseWithResolvers<void>> = []
  return {
    asked,
    keep(record: { partition: number; offset: number }, error: OccError): Promise<void> {
      asked.push(`${record.partition}@${record.offset} ${error.code}`)
      const answer = Promise.withResolvers<void>()
      waiting.push(answer)
      return answer.promise
    },
    async answer(problem?: Error): Promise<void> {
      await until(() => waiting.length > 0, 'a record to be kept')
      if (problem === undefined) waiting.shift()?.resolve()
      else waiting.shift()?.reject(problem)
      await turns()
    },
  }
}

/** Offset 1 of partition 0 is poison; everything else is good. */
function setUp(t: TestContext) {
  const store = createStore()
  const flow = createFlow(t, {
    commit: { everyRecords: 1 },
    handle: ({ partition, offset }) => (partition === 0 && offset === 1 ? POISON : OK),
    keepFailed: store.keep,
  })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 4))
  return { store, flow, assignment }
}

const DISK_FULL = new CodedError('OCC_FAILED_RECORDS_WRITE', 'disk full', { retriable: true })

test('a failed record is written before its offset is finished; the next ones continue meanwhile', async (t) => {
  const { store, flow, assignment } = setUp(t)
  await until(() => store.asked.length === 1, 'the record to be kept')
  await turns()
  assert.deepEqual(store.asked, ['0@1 OCC_JSON'])
  assert.deepEqual(flow.handed, ['0@0', '0@1', '0@2', '0@3'])
  assert.equal(assignment.committed(0), 1)
  assert.equal(flow.status(0).inFlight, 1)
  await store.answer()
  assert.equal(assignment.committed(0), 4)
  assert.deepEqual([...flow.meters.topic(TOPIC).failedRecords], [['OCC_JSON', 1]])
  assert.equal(flow.meters.topic(TOPIC).handled, 3)
})

test('a letter that was kept counts for each of its handlers, and creates no series for a name in a header', async (t) => {
  const store = createStore()
  const flow = createFlow(t, {
    handle: () => dead(new CodedError('OCC_JSON', 'no JSON'), 'whale,gone,indexer'),
    keepFailed: store.keep,
  })
  const [whale, indexer] = ['whale', 'indexer'].map((name) => flow.meters.handler(name))
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => store.asked.length === 1, 'the record to be kept')
  assert.equal(whale?.outcomes.dead, 0)
  await store.answer(DISK_FULL)
  assert.equal(whale?.outcomes.dead, 0, 'not kept yet')
  await store.answer()
  assert.deepEqual([whale?.outcomes.dead, indexer?.outcomes.dead], [1, 1])
  assert.deepEqual([...flow.meters.handlers.keys()], ['whale', 'indexer'])
})

test('an asynchronous answer may fail as well', async (t) => {
  const store = createStore()
  const flow = createFlow(t, {
    commit: { everyRecords: 1 },
    handle: async ({ offset }) => (offset === 0 ? POISON : OK),
    keepFailed: store.keep,
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await store.answer()
  await until(() => assignment.committed(0) === 2, 'both records')
  assert.deepEqual(store.asked, ['0@0 OCC_JSON'])
})

test('while a dead letter cannot be written its partition waits, longer each time, and other partitions continue', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { store, flow, assignment } = setUp(t)
  const tries = () => store.asked.length
  await until(() => flow.handed.includes('0@3'), 'the records that came with it')
  await store.answer(DISK_FULL)
  flow.listener.batch(batchOf(0, 4, 2))
  flow.listener.batch(batchOf(1, 0, 20))
  await until(() => assignment.committed(1) === 20, 'the neighbour')
  for (const backoff of [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const before = tries()
    t.mock.timers.tick(backoff - 1)
    await turns()
    assert.equal(tries(), before, `not before ${backoff} ms`)
    t.mock.timers.tick(1)
    await store.answer(DISK_FULL)
    assert.equal(tries(), before + 1, `after ${backoff} ms`)
    assert.equal(flow.letterMeter.waiting, 1, 'also between two attempts')
  }
  assert.deepEqual(
    flow.handed.filter((name) => name.startsWith('0@')),
    ['0@0', '0@1', '0@2', '0@3'],
  )
  assert.equal(assignment.committed(0), 1)
  assert.deepEqual([...(flow.meters.errors.get('sink') ?? [])], [['OCC_FAILED_RECORDS_WRITE', 9]])
  t.mock.timers.tick(10_000)
  await store.answer()
  await until(() => assignment.committed(0) === 6, 'the records that waited')
  assert.equal(flow.letterMeter.waiting, 0)
})

test('a target that throws has not written the record', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let throws = true
  const flow = createFlow(t, {
    commit: { everyRecords: 1 },
    handle: () => POISON,
    async keepFailed() {
      if (throws) throw new Error('out of order')
    },
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.meters.errors.size === 1, 'the error')
  assert.equal(assignment.committed(0), undefined)
  throws = false
  t.mock.timers.tick(250)
  await until(() => assignment.committed(0) === 1, 'the second try')
})

test('a drain waits for a dead letter that is being written', async (t) => {
  const { store, flow, assignment } = setUp(t)
  await until(() => store.asked.length === 1, 'the record to be kept')
  await turns()
  const drained = flow.engine.drain(60_000)
  assert.equal(assignment.committed(0), 1)
  await store.answer()
  await drained
  assert.equal(assignment.committed(0), 4)
})

test('at its deadline a drain gives up on a dead letter that cannot be written: uncommitted, and not tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { store, flow, assignment } = setUp(t)
  await store.answer(DISK_FULL)
  const drained = flow.engine.drain(200)
  t.mock.timers.tick(200)
  await drained
  t.mock.timers.tick(60_000)
  await turns()
  assert.deepEqual(store.asked, ['0@1 OCC_JSON'])
  assert.equal(assignment.committed(0), 1)
  assert.equal(flow.letterMeter.waiting, 0)
})

test('a dead letter written after the partition moved away finishes nothing', async (t) => {
  const { store, flow, assignment } = setUp(t)
  await until(() => store.asked.length === 1, 'the record to be kept')
  flow.listener.lost(assignment)
  await store.answer()
  assert.equal(assignment.committed(0), 1)
  assert.equal(flow.meters.topic(TOPIC).failedRecords.size, 0)
})

test('if each record is committed before the next, a failed one is written before the next', async (t) => {
  const store = createStore()
  const flow = createFlow(t, {
    options: { commitMode: 'record' },
    handle: ({ offset }) => (offset === 0 ? POISON : OK),
    keepFailed: store.keep,
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => store.asked.length === 1, 'the record to be kept')
  await turns()
  assert.deepEqual(flow.handed, ['0@0'])
  await store.answer()
  await until(() => flow.handed.length === 2, 'the next record')
})

test('a partition with only poison waits when too many dead letters are being written', async (t) => {
  const store = createStore()
  const flow = createFlow(t, { handle: () => POISON, keepFailed: store.keep })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 200))
  await until(() => store.asked.length >= 64, 'the first ones to be kept')
  await turns()
  assert.equal(store.asked.length, 64)
  await store.answer()
  assert.equal(store.asked.length, 65)
})
