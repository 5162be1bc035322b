import assert from 'node:assert/strict'
import test from 'node:test'
import type { SliceOptions } from '../../../src/flow/types.ts'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import {
  again,
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  type FlowChanges,
  fakeTime,
  nameOf,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

type Answers = ReadonlyArray<Outcome | 'untouched'>

/** A processor that takes slices, answered by the test or by `answer`. */
function sliced(
  t: test.TestContext,
  slice: SliceOptions,
  options: FlowChanges = {},
  answer?: (records: readonly KafkaRecord[]) => Answers,
) {
  const tick = fakeTime(t)
  const slices: string[][] = []
  const waiting: Array<PromiseWithResolvers<Answers>> = []
  const ordered: boolean[] = []
  const flow = createFlow(t, {
    options,
    handle: () => assert.fail('one by one'),
    processor: {
      slice,
      processSlice(records, _, isOrdered) {
        slices.push(records.map(nameOf))
        ordered.push(isOrdered)
        if (answer !== undefined) return Promise.resolve(answer(records))
        const answers = Promise.withResolvers<Answers>()
        waiting.push(answers)
        return answers.promise
      },
    },
  })
  return {
    flow,
    slices,
    ordered,
    async answer(answers: Answers) {
      await until(() => waiting.length > 0, 'a slice')
      waiting.shift()?.resolve(answers)
      await turns()
    },
    tick,
  }
}

const ok = (count: number) => Array.from({ length: count }, () => done())

test('partition: slices of consecutive records, one at a time, full or with what is available', async (t) => {
  const { flow, slices, ordered, answer } = sliced(t, { size: 3, within: 0 })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 7))
  await turns()
  assert.deepEqual(slices, [['0@0', '0@1', '0@2']])
  await answer(ok(3))
  await answer(ok(3))
  await answer(ok(1))
  assert.deepEqual(slices.slice(1), [['0@3', '0@4', '0@5'], ['0@6']])
  assert.deepEqual(ordered, [true, true, true])
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 7)
})

test('a partial slice is handed over when its first record has waited long enough', async (t) => {
  const { flow, slices, answer, tick } = sliced(t, { size: 3, within: 500 })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1))
  await turns()
  await tick(300)
  flow.listener.batch(batchOf(0, 1, 1))
  await turns()
  await tick(199)
  assert.deepEqual(slices, [])
  await tick(1)
  assert.deepEqual(slices, [['0@0', '0@1']])
  await answer(ok(2))
  flow.listener.batch(batchOf(0, 2, 3))
  await turns()
  assert.deepEqual(slices.slice(1), [['0@2', '0@3', '0@4']], 'a full one goes at once')
})

for (const order of ['key', 'none'] as const) {
  test(`${order}: waiting for a slice to fill costs no turns of the loop`, async (t) => {
    const { flow, slices, tick } = sliced(t, { size: 5, within: 500 }, { order }, (records) =>
      ok(records.length),
    )
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'a']))
    await turns()
    const immediates = t.mock.method(globalThis, 'setImmediate')
    await turns(100)
    assert.ok(immediates.mock.callCount() <= 101, 'only those of this test')
    assert.deepEqual(slices, [])
    for (let step = 0; step < 3; step++) await tick(500)
    assert.equal(flow.meters.topic(TOPIC).handled, 3)
  })
}

test('key: a slice has no two records of a key, and records of other keys go at the same time', async (t) => {
  const { flow, slices, ordered, answer } = sliced(t, { size: 3, within: 0 }, { order: 'key' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b', 'c', 'd', 'a', 'b']))
  await turns()
  assert.deepEqual(slices, [['0@0', '0@2', '0@3'], ['0@4']])
  await answer(ok(3))
  assert.deepEqual(slices.slice(2), [['0@1', '0@6']])
  assert.deepEqual(ordered, [false, false, false])
})

test('partition: records behind one that needs another attempt were not begun, and go with it', async (t) => {
  const { flow, slices, answer, tick } = sliced(t, { size: 4, within: 0 })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 6))
  await answer([done(), again(), 'untouched', 'untouched'])
  assert.equal(slices.length, 1)
  await tick(100)
  assert.deepEqual(slices[1], ['0@1', '0@2', '0@3', '0@4'])
  await answer(ok(4))
  await answer(ok(1))
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 6)
  assert.equal(flow.meters.topic(TOPIC).retries, 1, 'what was not begun was not tried again')
})

test('none: the records of a slice have outcomes of their own', async (t) => {
  const { flow, slices, answer, tick } = sliced(t, { size: 4, within: 0 }, { order: 'none' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 4))
  await answer([again(), done(), again(), { kind: 'skip', reason: 'filtered' }])
  await tick(100)
  assert.deepEqual(slices[1], ['0@0', '0@2'])
})

test('a slice takes one slot, and its records count for the other limits', async (t) => {
  const { flow, slices, answer } = sliced(
    t,
    { size: 3, within: 0 },
    { order: 'none', concurrency: 1 },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 6))
  await turns()
  assert.deepEqual([slices.length, flow.engine.load().inFlight, flow.status(0).inFlight], [1, 1, 3])
  await answer(ok(3))
  assert.equal(slices.length, 2)
})

test('a record without an answer is not handled: it is retried', async (t) => {
  const { flow, slices, answer, tick } = sliced(t, { size: 2, within: 0 }, { order: 'none' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  await answer(ok(1))
  await tick(100)
  assert.deepEqual(slices[1], ['0@1'])
  assert.equal(flow.meters.topic(TOPIC).handled, 1)
})

test('while a circuit is open, a slice of one record is tried', async (t) => {
  let away = true
  const { flow, slices, tick } = sliced(t, { size: 4, within: 0 }, {}, (records) =>
    away
      ? records.map((_, index) => (index === 0 ? again() : 'untouched'))
      : records.map(() => done()),
  )
  flow.listener.assigned(assign([0, 1, 2, 3, 4]))
  for (const partition of [0, 1, 2, 3, 4]) flow.listener.batch(batchOf(partition, 0, 4))
  await turns()
  assert.equal(flow.engine.circuits()[0]?.state, 'open')
  const before = slices.length
  await tick(1_000)
  assert.deepEqual(
    slices.slice(before).map((slice) => slice.length),
    [1],
  )
  away = false
  await tick(2_000)
  await until(() => flow.meters.topic(TOPIC).handled === 20, 'all records')
})

test('a drain waits for the slice in flight, and begins no other', async (t) => {
  const { flow, slices, answer } = sliced(t, { size: 3, within: 1_000 }, { rebalanceDrain: 60_000 })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 5))
  await turns()
  const revoked = flow.listener.revoking(assignment)
  await answer([done(), again(), 'untouched'])
  await revoked
  assert.equal(slices.length, 1)
  assert.equal(assignment.committed(0), 1)
})

test('partition: a slice does not include records that wait for their next attempt', async (t) => {
  const { flow, slices, answer, tick } = sliced(
    t,
    { size: 3, within: 0 },
    { retry: { attempts: 2, backoff: 100, maxBackoff: 100 } },
  )
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await answer([again(), 'untouched'])
  await tick(100)
  await answer([again(), 'untouched'])
  await answer([again('h', 5_000)])
  assert.deepEqual([flow.status(0).suspects, flow.status(0).retrying], [1, 1])
  await tick(1_000)
  assert.deepEqual(slices.at(-1), ['0@0'], 'the one in doubt is tried again, alone')
  await answer(ok(1))
  assert.equal(slices.length, 4, 'the other waits for its time')
  await tick(4_000)
  assert.deepEqual(slices.at(-1), ['0@1'])
  await answer(ok(1))
  flow.listener.batch(batchOf(0, 2, 4))
  await answer(ok(3))
  await answer(ok(1))
  assert.deepEqual(slices.slice(-2), [['0@2', '0@3', '0@4'], ['0@5']])
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 6)
})
