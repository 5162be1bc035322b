import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { OccError } from '../../../src/kernel/errors.ts'
import { createBatcher } from '../../../src/sink/batcher.ts'

/** Writes that end when the test says so. */
function gated(over: Partial<Parameters<typeof createBatcher<number>>[0]> = {}) {
  const writes: Array<{ items: readonly number[]; done: PromiseWithResolvers<void> }> = []
  const batcher = createBatcher<number>({
    write(items) {
      const done = Promise.withResolvers<void>()
      writes.push({ items, done })
      return done.promise
    },
    sizeOf: () => 1,
    maxItems: 4,
    maxBytes: 100,
    ...over,
  })
  return { batcher, writes, written: () => writes.map(({ items }) => [...items]) }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

test('items wait for others until the batch is full or the time is over', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { batcher, writes, written } = gated({ within: 60_000 })
  const added = [1, 2, 3].map((item) => batcher.add(item))
  await turns()
  assert.deepEqual(written(), [], 'they wait')
  added.push(batcher.add(4))
  await turns()
  assert.deepEqual(written(), [[1, 2, 3, 4]], 'full')
  writes[0]?.done.resolve()
  await Promise.all(added)
  const late = batcher.add(5)
  await turns()
  assert.equal(writes.length, 1, 'the next one waits')
  const closing = batcher.idle()
  assert.deepEqual(written()[1], [5], 'nothing waits for others when the sink is closed')
  writes[1]?.done.resolve()
  await Promise.all([late, closing])
})

test('several writers share the queue; one keeps the order', async () => {
  const two = gated({ writers: 2, within: 60_000 })
  const items = Array.from({ length: 12 }, (_, index) => two.batcher.add(index))
  await turns()
  assert.deepEqual(two.written(), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ])
  for (const { done } of two.writes) done.resolve()
  await turns()
  two.writes[2]?.done.resolve()
  await Promise.all(items)
})

test('an item that counts for several fills the batch', async () => {
  const written: number[][] = []
  const batcher = createBatcher<number>({
    async write(items) {
      written.push([...items])
    },
    sizeOf: () => 1,
    countOf: (item) => item,
    maxItems: 4,
    maxBytes: 100,
  })
  await Promise.all([3, 2, 2, 9, 1].map((item) => batcher.add(item)))
  assert.deepEqual(written, [[3], [2, 2], [9], [1]])
})

test('when the target is away, what waits fails at once', async () => {
  const away = new OccError('OCC_POSTGRES', 'away', { retriable: true })
  const { batcher, writes } = gated({ failsAll: (error) => error === away })
  const items = [1, 2, 3, 4, 5, 6].map((item) => batcher.add(item))
  await turns()
  writes[0]?.done.reject(away)
  const results = await Promise.allSettled(items)
  assert.ok(results.every(({ status }) => status === 'rejected'))
  assert.equal(writes.length, 1)
})

test('of a batch with a bad item the halves are written: few writes for many items', async () => {
  let writes = 0
  const bad = new OccError('OCC_POSTGRES_VALUE', 'bad')
  const batcher = createBatcher<number>({
    async write(items) {
      writes += 1
      if (items.includes(700)) throw bad
    },
    sizeOf: () => 1,
    maxItems: 1024,
    maxBytes: 1e6,
    isolates: (error) => error === bad,
  })
  const items = Array.from({ length: 1024 }, (_, index) => batcher.add(index))
  const results = await Promise.allSettled(items)
  const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
  assert.deepEqual(failed, [700])
  assert.equal(writes, 21, 'one, and two for each of ten halvings')
})
