import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { CodedError, OccError } from '../../../../src/kernel/errors.ts'
import { dead, OK, skip } from '../../../../src/kernel/shapes/outcome.ts'
import {
  again,
  assign,
  createFlow,
  type FlowChanges,
  type FlowSetting,
  turns,
  until,
} from '../harness/harness.ts'
import { doneOf, partsOf, WholeHandler, wholeOf } from '../harness/whole-handler.ts'

function start(t: TestContext, options: FlowChanges = {}, setting: FlowSetting = {}) {
  const handler = new WholeHandler()
  const retry = { attempts: 3, backoff: 1, maxBackoff: 1 }
  const flow = createFlow(t, {
    options: { retry, ...options },
    openProcessor: () => handler,
    ...setting,
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  return { ...flow, handler, assignment }
}

test('batches are handed over together as they came and finished at once, without reading a record', async (t) => {
  const { listener, handler, status, meters, engine, assignment } = start(t)
  const batches = [wholeOf(0, 0, 10), wholeOf(0, 10, 20), wholeOf(0, 30, 75)]
  for (const batch of batches) listener.batch(batch)
  await turns()
  assert.deepEqual(
    handler.handed.map(({ batches, ordered }) => [batches.map(({ from }) => from), ordered]),
    [[[0, 10], true]],
    'no more than the limit together, and one piece of a partition at a time',
  )
  const before = status(0)
  assert.deepEqual([before.inFlight, before.windowRecords, before.queueRecords], [30, 30, 75])
  assert.equal(before.oldestUnprocessedTime, batches[0]?.firstTimestamp)
  assert.ok(before.windowBytes > 0 && before.oldestTakenAt !== null)
  assert.equal(engine.load().inFlight, 1)
  await handler.answer((all) => all.map((batch) => doneOf(batch, 1)))
  assert.equal(status(0).oldestUnprocessedTime, batches[2]?.firstTimestamp)
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  const after = status(0)
  assert.deepEqual([after.inFlight, after.windowRecords, after.windowBytes], [0, 0, 0])
  assert.equal(engine.load().inFlight, 0)
  assert.equal(engine.load().bufferedBytes, 0)
  const topic = meters.topic('transfers')
  assert.deepEqual([topic.records, topic.handled, topic.skipped, topic.bytes], [105, 103, 2, 315])
  assert.equal(topic.endToEndSeconds.snapshot().count, 2)
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 105)
  assert.deepEqual(handler.single, [])
})

test('if a record needs another attempt, those before it are done and those behind it wait for it', async (t) => {
  const { listener, handler, meters, engine, assignment } = start(t)
  let fails = 1
  handler.handle = ({ offset }) => (offset === 2 && fails-- > 0 ? again() : OK)
  listener.batch(wholeOf(0, 0, 5))
  listener.batch(wholeOf(0, 5, 3))
  listener.batch(wholeOf(0, 8, 99))
  await handler.answer(([first, second]) => {
    assert.ok(first !== undefined && second !== undefined)
    return [partsOf(first, [OK, skip('rule'), again(), 'untouched']), { kind: 'untouched' }]
  })
  // Records behind it go one by one, until everything in that piece is done.
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  assert.deepEqual(
    handler.single,
    [2, 2, 3, 4, 5, 6, 7].map((offset) => `0@${offset}`),
  )
  const topic = meters.topic('transfers')
  assert.deepEqual([topic.records, topic.handled, topic.skipped, topic.retries], [107, 106, 1, 2])
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 107)
  assert.equal(engine.load().bufferedBytes, 0)
})

test('a record that cannot be handled becomes a dead letter and blocks nothing else', async (t) => {
  const { listener, handler, dead: letters, engine, assignment } = start(t)
  listener.batch(wholeOf(0, 0, 3))
  const error = new CodedError('OCC_TEST', 'bad')
  await handler.answer((all) => all.map((batch) => partsOf(batch, [OK, dead(error), OK])))
  assert.deepEqual(letters(), ['0@1'])
  listener.batch(wholeOf(0, 3, 3))
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 6)
  assert.deepEqual(handler.single, [])
})

test('if a worker dies, what it had finished counts, and the rest is handled one by one', async (t) => {
  const { listener, handler, meters, engine, assignment } = start(t)
  listener.batch(wholeOf(0, 0, 4))
  const answers = [OK, again('h'), 'untouched', 'untouched'] as const
  await handler.answer((all) => all.map((batch) => partsOf(batch, answers)), true)
  const topic = meters.topic('transfers')
  await until(() => topic.handled === 4, 'the rest')
  assert.deepEqual(handler.single, ['0@1', '0@2', '0@3'])
  assert.deepEqual([topic.handled, topic.endToEndSeconds.snapshot().count], [4, 4])
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 4)
})

test('a drain stops a batch in flight between two records, and commits what is done', async (t) => {
  const { listener, handler, engine, assignment } = start(t)
  listener.batch(wholeOf(0, 0, 4))
  listener.batch(wholeOf(0, 4, 4))
  await turns()
  const drained = engine.drain(5_000)
  await turns()
  assert.equal(handler.halts, 1)
  await handler.answer(([first]) => {
    assert.ok(first !== undefined)
    return [partsOf(first, [OK, OK, 'untouched', 'untouched']), { kind: 'untouched' }]
  })
  await drained
  assert.equal(assignment.committed(0), 2)
  assert.deepEqual(handler.single, [])
  assert.equal(engine.load().bufferedBytes, 0)
})

test('after the partition is lost no answer counts', async (t) => {
  const { listener, handler, engine, meters, assignment } = start(t)
  listener.batch(wholeOf(0, 0, 4))
  await turns()
  listener.lost(assignment)
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  assert.deepEqual([meters.topic('transfers').handled, assignment.commits.length], [0, 0])
  assert.deepEqual([engine.load().bufferedBytes, engine.load().inFlight], [0, 0])
})

test('a batch that cannot be read is fetched again, with everything behind it', async (t) => {
  const { listener, handler, member, engine, status, assignment } = start(t)
  const error = new OccError('OCC_BATCH_CORRUPT', 'bad')
  for (const from of [0, 5, 10]) listener.batch(wholeOf(0, from, 5))
  await handler.answer(([first]) => {
    assert.ok(first !== undefined)
    return [doneOf(first), { kind: 'unreadable', error }, { kind: 'untouched' }]
  })
  assert.deepEqual(
    member.unreadableBatches.map(([{ from }, { code }]) => [from, code]),
    [[5, 'OCC_BATCH_CORRUPT']],
  )
  assert.deepEqual([status(0).position, engine.load().bufferedBytes], [5, 0])
  for (const from of [5, 10]) listener.batch(wholeOf(0, from, 5))
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 15)
})

test('without order, several pieces of a partition are in flight and finish in any order', async (t) => {
  const { listener, handler, engine, assignment } = start(t, { order: 'none' })
  for (const from of [0, 100, 200]) listener.batch(wholeOf(0, from, 100))
  await turns()
  const [first, second, third] = handler.handed.splice(0)
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  assert.equal(first.ordered, false)
  const all = (handed: typeof first) => ({
    batches: handed.batches.map((batch) => doneOf(batch)),
    succeeded: [],
    times: null,
  })
  third.answer(all(third))
  const [middle] = second.batches
  assert.ok(middle !== undefined)
  const answers = Array.from({ length: 100 }, (_, index) =>
    index === 50 ? ('untouched' as const) : OK,
  )
  second.answer({ batches: [partsOf(middle, answers)], succeeded: [], times: null })
  await turns()
  assert.deepEqual(handler.single, ['0@150'])
  await engine.drain(10)
  const { offset, finished } = assignment.commits.flat().at(-1) ?? {}
  assert.deepEqual([offset, finished], [0, [{ from: 100, to: 300 }]])
})

test('without order, records done behind a batch that cannot be read are not handled again', async (t) => {
  const { listener, handler, meters, engine, assignment } = start(t, { order: 'none' })
  const error = new OccError('OCC_BATCH_CORRUPT', 'bad')
  for (const from of [0, 100, 200]) listener.batch(wholeOf(0, from, 100))
  await turns()
  const [first, second, third] = handler.handed.splice(0)
  const [batch] = second?.batches ?? []
  const [last] = third?.batches ?? []
  assert.ok(first !== undefined && batch !== undefined && last !== undefined)
  second?.answer({ batches: [doneOf(batch)], succeeded: [], times: null })
  const answers = [OK, ...Array.from({ length: 98 }, () => 'untouched' as const), OK]
  third?.answer({ batches: [partsOf(last, answers)], succeeded: [], times: null })
  await until(() => handler.single.length === 98, 'the untouched records')
  first.answer({ batches: [{ kind: 'unreadable', error }], succeeded: [], times: null })
  await turns()
  for (const from of [0, 100, 200]) listener.batch(wholeOf(0, from, 100))
  await until(() => handler.single.length === 198, 'those that were not done')
  await until(() => meters.topic('transfers').carriedOver === 200, 'those that were')
  await turns()
  assert.equal(handler.handed.length, 0)
  assert.equal(new Set(handler.single).size, 198)
  assert.equal(handler.single.length, 198)
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 300)
})

test('a batch is handled record by record if something blocks it', async (t) => {
  const cases: Array<[string, FlowChanges]> = [
    ['by key', { order: 'key' }],
    ['commits each record', { commitMode: 'record' }],
    ['the window is too small', { maxInFlight: 3 }],
    ['so are its bytes', { maxInFlightBytes: 10 }],
    ['the rate is too low', { maxRecordsPerSecond: 20 }],
  ]
  for (const [what, options] of cases) {
    const { listener, handler } = start(t, options)
    listener.batch(wholeOf(0, 0, 4))
    await turns(30)
    assert.equal(handler.handed.length, 0, what)
    assert.ok(handler.single.length > 0, what)
  }
})

test('a batch that would be in flight for too long is opened', async (t) => {
  const { listener, handler, engine, assignment } = start(t)
  listener.batch(wholeOf(0, 0, 201))
  await until(() => handler.single.length === 201, 'each record')
  assert.equal(handler.handed.length, 0)
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 201)
})

test('records finished earlier are skipped one by one, and later batches are handed over whole', async (t) => {
  const handler = new WholeHandler()
  const { listener, engine } = createFlow(t, { openProcessor: () => handler })
  const assignment = assign([0], 0, [{ from: 2, to: 4 }])
  listener.assigned(assignment)
  listener.batch(wholeOf(0, 0, 5))
  listener.batch(wholeOf(0, 5, 5))
  await handler.answer((all) => all.map((batch) => doneOf(batch)))
  assert.deepEqual(handler.single, ['0@0', '0@1', '0@4'])
  await engine.drain(1_000)
  assert.equal(assignment.committed(0), 10)
})
