import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { until } from '../../support/waiting.ts'
import { fetchedOf, startFlow } from './wholes.ts'

/** Tells a sink of each record that it handles, and does as the document says. */
const TELLER = `
const seen = new Map()
export default {
  name: 'teller',
  async handle({ document: { id, want }, record: { partition } }, { emit, skip, dead, attempt }) {
    if (want === 'exit') process.exit(3)
    if (want === 'skip') return skip('not now')
    if (want === 'dead') return dead('it is poison')
    if (want === 'late') await new Promise((resolve) => setTimeout(resolve, 30))
    if (want === 'again' && !seen.has(id)) { seen.set(id, true); throw new Error('not yet') }
    await emit('rows', { partition, id })
  },
}`

const documents = (from: number, ...wants: string[]) =>
  wants.map((want, index) => ({ id: from + index, want }))

function told(rows: string): Array<{ partition: number; id: number }> {
  return readFileSync(rows, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).value)
}

test('a worker handles whole batches in order, and this thread does not decode them', async (t) => {
  const { listener, assign, whenFinished, engine, rows, topic } = await startFlow(t, TELLER)
  const assignment = assign([1])
  // Small ones: on a slow machine the main thread opens a batch that would take too long.
  const batches = Array.from({ length: 40 }, (_, index) =>
    fetchedOf(1, index * 3, documents(index * 3, 'ok', 'ok', 'ok')),
  )
  const read = t.mock.method(batches[0]?.constructor.prototype, 'read')
  for (const batch of batches) listener.batch(batch)
  await whenFinished(120)
  await engine.drain(1_000)
  assert.equal(assignment.committed(1), 120)
  assert.equal(read.mock.callCount(), 0)
  assert.deepEqual(
    told(rows).map(({ id }) => id),
    Array.from({ length: 120 }, (_, id) => id),
  )
  assert.equal(topic.handleSeconds.snapshot().count, 120)
})

test('failures are retried in place, and a record that kills its worker becomes a dead letter', async (t) => {
  const { listener, assign, whenFinished, engine, rows, letters, meters } = await startFlow(
    t,
    TELLER,
    { processing: { workers: 2 } },
  )
  const assignment = assign([1, 2])
  const wants = ['ok', 'again', 'ok', 'skip', 'dead', 'ok', 'again', 'ok']
  for (const partition of [1, 2]) {
    listener.batch(fetchedOf(partition, 0, documents(0, ...wants)))
    listener.batch(fetchedOf(partition, 8, documents(8, 'ok', 'ok')))
  }
  // Nothing else is in flight then, so the record that killed the worker is known.
  await whenFinished(20)
  listener.batch(fetchedOf(1, 10, documents(10, 'ok', 'exit', 'ok')))
  listener.batch(fetchedOf(1, 13, documents(13, 'ok')))
  await whenFinished(24)
  await engine.drain(1_000)
  assert.deepEqual([assignment.committed(1), assignment.committed(2)], [14, 10])
  const byPartition = Map.groupBy(told(rows), ({ partition }) => partition)
  const ids = (partition: number) => byPartition.get(partition)?.map(({ id }) => id)
  assert.deepEqual(ids(1), [0, 1, 2, 5, 6, 7, 8, 9, 10, 12, 13])
  assert.deepEqual(ids(2), [0, 1, 2, 5, 6, 7, 8, 9])
  const dead = letters.map(({ record: { partition, offset }, error }) => [
    partition,
    offset,
    error.code,
  ])
  assert.deepEqual(dead.toSorted(), [
    [1, 11, 'OCC_WORKER_DIED'],
    [1, 4, 'OCC_HANDLER_DEAD'],
    [2, 4, 'OCC_HANDLER_DEAD'],
  ])
  // One for each attempt; more of them where nothing had succeeded after it by then.
  assert.ok(meters.workers.replaced.died >= 3)
})

test('a drain stops a long batch between two records and commits what is done', async (t) => {
  const { listener, assign, engine, rows, finished } = await startFlow(t, TELLER)
  const assignment = assign([1])
  const wants = Array.from({ length: 200 }, () => 'late')
  listener.batch(fetchedOf(1, 0, documents(0, ...wants)))
  await new Promise((resolve) => setTimeout(resolve, 150))
  const started = performance.now()
  await engine.drain(5_000)
  assert.ok(performance.now() - started < 2_000)
  const committed = assignment.committed(1) ?? 0
  assert.ok(committed > 0 && committed < 200, `${committed}`)
  assert.equal(finished(), committed)
  assert.equal(told(rows).length, committed)
})

test('a batch that a worker cannot read is fetched again', async (t) => {
  const { listener, assign, engine, member, finished, whenFinished } = await startFlow(t, TELLER)
  const assignment = assign([1])
  const good = fetchedOf(1, 0, documents(0, 'ok', 'ok'))
  const body = Buffer.from('this is no LZ4 frame')
  listener.batch(good)
  listener.batch(fetchedOf(1, 2, documents(2, 'ok', 'ok'), { body }))
  listener.batch(fetchedOf(1, 4, documents(4, 'ok')))
  await until(() => member.unreadableBatches.length > 0, 'the batch to be refused')
  assert.equal(finished(), 2)
  const [[{ from }, { code }]] = member.unreadableBatches as [(typeof member.unreadableBatches)[0]]
  assert.deepEqual([from, code], [2, 'OCC_BATCH_CORRUPT'])
  listener.batch(fetchedOf(1, 2, documents(2, 'ok', 'ok')))
  await whenFinished(4)
  await engine.drain(1_000)
  assert.equal(assignment.committed(1), 4)
})

test('without an order all records of a batch are in flight at once', async (t) => {
  const { listener, assign, engine, whenFinished } = await startFlow(
    t,
    TELLER,
    { processing: { order: 'none', concurrency: 64 } },
    { order: 'none' },
  )
  const assignment = assign([1])
  const wants = Array.from({ length: 100 }, (_, index) => (index % 9 === 4 ? 'again' : 'late'))
  const started = performance.now()
  listener.batch(fetchedOf(1, 0, documents(0, ...wants)))
  await whenFinished(100)
  assert.ok(performance.now() - started < 1_500)
  await engine.drain(1_000)
  assert.equal(assignment.committed(1), 100)
})
