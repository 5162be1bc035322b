import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../src/kernel/errors.ts'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import {
  assign,
  batchOf,
  createFlow,
  type FakeAssignment,
  Handler,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

/** The broker answers commits one by one, when told to. */
function holdCommits(assignment: FakeAssignment) {
  const waiting: Array<PromiseWithResolvers<void>> = []
  assignment.answer = () => {
    const answer = Promise.withResolvers<void>()
    waiting.push(answer)
    return answer.promise
  }
  return async (problem?: Error) => {
    await until(() => waiting.length > 0, 'a commit')
    if (problem === undefined) waiting.shift()?.resolve()
    else waiting.shift()?.reject(problem)
    await turns()
  }
}

const offsets = ({ commits }: FakeAssignment) => commits.flat().map(({ offset }) => offset)

for (const [kind, handle] of [
  ['at once', () => OK],
  ['later', async () => OK],
] as const) {
  test(`record: the next record waits until the one before is committed (answered ${kind})`, async (t) => {
    const flow = createFlow(t, { options: { commitMode: 'record' }, handle })
    const assignment = assign([0])
    const answer = holdCommits(assignment)
    flow.listener.assigned(assignment)
    flow.listener.batch(batchOf(0, 0, 3))
    for (const offset of [0, 1, 2]) {
      await until(() => assignment.commits.length === offset + 1, 'the commit')
      await turns()
      assert.equal(flow.handed.length, offset + 1, 'no further record while the commit is out')
      await answer()
    }
    assert.deepEqual(offsets(assignment), [1, 2, 3])
  })

  test(`batch: the first record of a batch waits until the batch before is committed (answered ${kind})`, async (t) => {
    const flow = createFlow(t, { options: { commitMode: 'batch' }, handle })
    const assignment = assign([0])
    const answer = holdCommits(assignment)
    flow.listener.assigned(assignment)
    flow.listener.batch(batchOf(0, 0, 3))
    flow.listener.batch({ ...batchOf(0, 3, 0), nextOffset: 5 })
    flow.listener.batch(batchOf(0, 5, 2))
    await until(() => assignment.commits.length === 1, 'the commit')
    await turns()
    assert.deepEqual(flow.handed, ['0@0', '0@1', '0@2'])
    await answer()
    await answer()
    assert.deepEqual(flow.handed, ['0@0', '0@1', '0@2', '0@5', '0@6'])
    assert.deepEqual(offsets(assignment), [5, 7])
  })
}

test('record: a failed commit does not stop the partition; the next one makes up for it', async (t) => {
  const flow = createFlow(t, { options: { commitMode: 'record' } })
  const assignment = assign([0])
  const answer = holdCommits(assignment)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await answer(new OccError('OCC_COMMIT_FAILED', 'try again', { retriable: true }))
  await answer()
  assert.deepEqual(flow.handed, ['0@0', '0@1'])
  assert.deepEqual(offsets(assignment), [1, 2])
  assert.equal(flow.status(0).committedOffset, 2)
})

test('record: a partition that waits for its commit can be drained, and hands over nothing afterwards', async (t) => {
  const flow = createFlow(t, { options: { commitMode: 'record' } })
  const assignment = assign([0])
  const answer = holdCommits(assignment)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 5))
  await until(() => assignment.commits.length === 1, 'the commit')
  const revoked = flow.listener.revoking(assignment)
  await answer()
  await revoked
  await turns()
  assert.deepEqual(flow.handed, ['0@0'])
  assert.deepEqual(offsets(assignment), [1])
})

test('batch: each batch of a recreated topic is committed as well', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { commitMode: 'batch', order: 'none' },
    handle: handler.handle,
  })
  const assignment = assign([0], 100)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 100, 2))
  await until(() => handler.inFlight.length === 2, 'the old records')
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 0)
  flow.listener.batch(batchOf(0, 0, 2))
  await handler.answer('0@0')
  assert.deepEqual(offsets(assignment), [])
  await handler.answer('0@1')
  assert.deepEqual(offsets(assignment), [2])
})
