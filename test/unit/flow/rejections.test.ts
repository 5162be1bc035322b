import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { PartitionProcessor } from '../../../src/flow/types.ts'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import { assign, batchOf, createFlow, nameOf, until } from './harness/harness.ts'
import { wholeOf } from './harness/whole-handler.ts'

const bug = () => new TypeError('a fault of the processor')

/**
 * Everything in a partition is handled in the end, although its processor breaks its contract at
 * offset 3.
 */
async function outlives(
  t: TestContext,
  processor: (isBad: (offset: number) => boolean, handed: string[]) => PartitionProcessor,
  order: 'partition' | 'key' = 'partition',
): Promise<string[]> {
  const handed: string[] = []
  let faults = 2
  const isBad = (offset: number) => offset === 3 && faults-- > 0
  const flow = createFlow(t, {
    openProcessor: () => processor(isBad, handed),
    options: { order, retry: { attempts: 3, backoff: 1, maxBackoff: 1 } },
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(wholeOf(0, 0, 6))
  flow.listener.batch(batchOf(0, 6, 2))
  await until(() => flow.meters.topic('transfers').handled === 8, 'all records')
  await flow.engine.drain(1_000)
  assert.equal(assignment.committed(0), 8)
  assert.deepEqual(flow.dead(), [])
  return handed
}

const IN_ORDER = [0, 1, 2, 3, 3, 3, 4, 5, 6, 7].map((offset) => `0@${offset}`)

test('an attempt that throws has failed and is repeated', async (t) => {
  const handed = await outlives(t, (isBad, names) => ({
    process(record) {
      names.push(nameOf(record))
      if (isBad(record.offset)) throw bug()
      return OK
    },
  }))
  assert.deepEqual(handed, IN_ORDER)
})

test('an attempt that rejects has failed and is repeated', async (t) => {
  const handed = await outlives(t, (isBad, names) => ({
    async process(record) {
      names.push(nameOf(record))
      if (isBad(record.offset)) throw bug()
      return OK
    },
  }))
  assert.deepEqual(handed, IN_ORDER)
})

for (const isLater of [false, true]) {
  test(`the records of a slice that ${isLater ? 'rejects' : 'throws'} are attempted alone, in order`, async (t) => {
    const handed = await outlives(t, (isBad, names) => ({
      slice: { size: 4, within: 0 },
      process(record) {
        names.push(nameOf(record))
        if (isBad(record.offset)) throw bug()
        return OK
      },
      processSlice() {
        if (isLater) return Promise.reject(bug())
        throw bug()
      },
    }))
    assert.deepEqual([...new Set(handed)], [...new Set(IN_ORDER)])
  })

  test(`the records of whole batches whose processor ${isLater ? 'rejects' : 'throws'} go one by one`, async (t) => {
    const handed = await outlives(t, (isBad, names) => ({
      batches: { records: 100, bytes: 1_000_000, most: 100 },
      process(record) {
        names.push(nameOf(record))
        if (isBad(record.offset)) throw bug()
        return OK
      },
      processBatches() {
        if (isLater) return Promise.reject(bug())
        throw bug()
      },
    }))
    assert.deepEqual(handed, IN_ORDER)
  })
}

test("if keyOf fails, the record's own key applies", async (t) => {
  await outlives(
    t,
    () => ({
      process: async () => OK,
      keyOf() {
        throw bug()
      },
    }),
    'key',
  )
})
