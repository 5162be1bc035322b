import assert from 'node:assert/strict'
import test from 'node:test'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import { assign, batchOf, createFlow, FakeMember, listen, TOPIC, until } from './harness/harness.ts'

/** Keeps the CPU busy, like a handler that computes. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** How many records of partition 0 were handed over before the first one of `partition`. */
function before(handed: readonly string[], partition: number): number {
  const index = handed.findIndex((name) => name.startsWith(`${partition}@`))
  assert.notEqual(index, -1)
  return handed.slice(0, index).filter((name) => name.startsWith('0@')).length
}

test('a partition with 100,000 queued records does not keep another from its turn', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0, 1, 2]))
  flow.listener.batch(batchOf(0, 0, 100_000))
  flow.listener.batch(batchOf(1, 0, 1))
  await until(() => flow.handed.length > 1_000, 'some records')
  flow.listener.batch(batchOf(2, 0, 1))
  const handedThen = flow.handed.length
  await until(() => flow.handed.length === 100_002, 'all records')
  assert.ok(before(flow.handed, 1) <= 64)
  assert.ok(before(flow.handed.slice(handedThen), 2) <= 128)
})

test('a partition whose records each take longer than a slice leaves turns to the others', async (t) => {
  const flow = createFlow(t, {
    handle(record) {
      if (record.partition < 2) spin(6)
      return OK
    },
  })
  flow.listener.assigned(assign([0, 1, 2, 3]))
  for (const [partition, count] of [20, 20, 3, 3].entries()) {
    flow.listener.batch(batchOf(partition, 0, count))
  }
  await until(() => flow.handed.length === 46, 'all records')
  for (const partition of [1, 2, 3]) assert.ok(before(flow.handed, partition) <= 2)
})

test('partitions whose turns begin late each hand one record over before the next turn', async (t) => {
  let now = 0
  // Between any two looks at the clock more than a slice goes by, as on a machine that is overloaded.
  t.mock.method(performance, 'now', () => (now += 10))
  const flow = createFlow(t)
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 2))
  flow.listener.batch(batchOf(1, 0, 2))
  await until(() => flow.handed.length === 4, 'all records')
  assert.deepEqual(flow.handed, ['0@0', '1@0', '0@1', '1@1'])
})

test('the event loop gets its turns while records are handled', async (t) => {
  const flow = createFlow(t, {
    handle() {
      spin(1)
      return OK
    },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 100))
  let turns = 0
  await until(() => {
    turns += 1
    return flow.handed.length === 100
  }, 'all records')
  assert.ok(turns >= 15, `${turns} turns in about 100 ms of handling`)
})

test('members share the turns: one with much work does not keep another from its own', async (t) => {
  const flow = createFlow(t)
  const other = listen(flow.engine, 'consumer-1', new FakeMember())
  flow.listener.assigned(assign([0]))
  other.assigned(assign([1]))
  flow.listener.batch(batchOf(0, 0, 50_000))
  other.batch(batchOf(1, 0, 1))
  await until(() => flow.handed.length === 50_001, 'all records')
  assert.ok(before(flow.handed, 1) <= 64)
})

/** A queue behind the handlers. Each slice that was handled adds its records. */
function createOutlet(limit: number) {
  let waiting = 0
  let opened: (() => void) | null = null
  return {
    add(records: number) {
      waiting += records
    },
    take(records: number) {
      waiting -= records
      if (waiting >= limit) return
      opened?.()
      opened = null
    },
    get waiting() {
      return waiting
    },
    get open() {
      return waiting < limit
    },
    whenOpen(whenOpened: () => void) {
      opened = whenOpened
    },
  }
}

test('no slice is handed over while the outlet is full; then each partition gets its turn', async (t) => {
  const outlet = createOutlet(20)
  const written: Array<() => void> = []
  const slices: number[] = []
  const flow = createFlow(t, {
    options: { order: 'none' },
    outlet,
    processor: {
      slice: { size: 10, within: 0 },
      async processSlice(records) {
        slices.push(records[0]?.partition ?? -1)
        outlet.add(records.length)
        // Longer than a turn of the pump, within which it may hand over more.
        spin(6)
        await new Promise<void>((resolve) => written.push(resolve))
        return records.map(() => OK)
      },
    },
  })
  flow.listener.assigned(assign([0, 1, 2, 3]))
  for (const partition of [0, 1, 2, 3]) flow.listener.batch(batchOf(partition, 0, 100))
  let most = 0
  const write = () => {
    most = Math.max(most, outlet.waiting)
    written.shift()?.()
    outlet.take(10)
  }
  await until(() => {
    if (!outlet.open) write()
    return slices.length === 40
  }, 'all slices')
  while (written.length > 0) write()
  await until(() => flow.meters.topic(TOPIC).handled === 400, 'all records')
  assert.ok(most <= 20, `${most} records waited`)
  const firsts = slices.slice(0, 20)
  for (const partition of [0, 1, 2, 3]) {
    assert.ok(firsts.filter((one) => one === partition).length >= 2, `slices: ${slices}`)
  }
})

test('a partition that is lost while the outlet is full leaves the others their turns', async (t) => {
  const outlet = createOutlet(1)
  outlet.add(1)
  const flow = createFlow(t, { outlet })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 5))
  flow.listener.batch(batchOf(1, 0, 5))
  flow.listener.lost([{ topic: TOPIC, partition: 0 }])
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(flow.handed, [])
  outlet.take(1)
  await until(() => flow.handed.length === 5, 'the records of the other')
  assert.deepEqual(new Set(flow.handed.map((name) => name[0])), new Set(['1']))
})
