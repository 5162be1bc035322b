import assert from 'node:assert/strict'
import test from 'node:test'
import type { OffsetToCommit } from '../../../../src/broker/types.ts'
import type { LiveMove, MoveOrder } from '../../../../src/group/offsets/types.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { NOT_MOVED, type OperatorMove } from '../../../../src/kernel/shapes/replay.ts'
import {
  assign,
  batchOf,
  createFlow,
  type Flow,
  Handler,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

const at = (partition: number) => ({ topic: TOPIC, partition })

function orderOf(
  moves: ReadonlyArray<Partial<LiveMove>>,
  more: Partial<MoveOrder> = {},
): MoveOrder {
  return {
    group: 'g',
    id: 'x',
    moves: moves.map((each) => ({ ...at(0), offset: 0, committed: 0, move: null, ...each })),
    deduplicates: false,
    allowsSkip: false,
    ...more,
  }
}

/** What the member commits when a partition is moved; then it assigns it, as the broker has it. */
function moving(flow: Flow) {
  const moved: OffsetToCommit[] = []
  flow.member.moved = (offset) => {
    moved.push(offset)
    setImmediate(() => assigned(flow, offset.partition, offset.offset, offset.operator))
  }
  return moved
}

function assigned(
  flow: Flow,
  partition: number,
  offset: number,
  operator: OperatorMove = NOT_MOVED,
) {
  const [one] = assign([partition], offset)
  assert.ok(one)
  const assignment = Object.assign(assign([partition], offset), { 0: { ...one, operator } })
  flow.listener.assigned(assignment)
  return assignment
}

test('set back while it runs: finished and committed, then one commit decides, then a new lane', async (t) => {
  const handler = new Handler()
  const options = { order: 'none', rebalanceDrain: 60_000 } as const
  const flow = createFlow(t, { handle: handler.handle, options })
  const moved = moving(flow)
  const [first, second] = [assign([0]), assign([1])]
  flow.listener.assigned(first)
  flow.listener.assigned(second)
  for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 10))
  await until(() => handler.inFlight.length === 20, 'all records')
  for (const offset of [0, 1, 2, 3, 6]) await handler.answer(`0@${offset}`)
  const answers = flow.engine.move(orderOf([{ offset: 2, committed: 4 }]))
  await until(() => flow.fetching.includes('pause 0'), 'the partition to be drained')
  assert.deepEqual(moved, [])
  for (const offset of [4, 5, 7, 8, 9]) await handler.answer(`0@${offset}`)
  assert.deepEqual(await answers, [{ ...at(0), before: 10, reason: null }])
  // Its own last commit, and nothing of it any more.
  assert.equal(first.committed(0), 10)
  const replay = { from: 2, to: 10, deduplicates: false }
  const operator = { move: 'x', replay, skippedFrom: null }
  assert.deepEqual(moved, [{ ...at(0), offset: 2, metadata: 'm', finished: [], operator }])
  await until(() => flow.engine.partitions().length === 2, 'the new lane')
  assert.equal(flow.status(0).position, 2)
  flow.listener.batch(batchOf(0, 2, 8))
  await until(() => handler.inFlight.includes('0@2'), 'the first record again')
  // The other one was not touched, and neither counts as a rebalance.
  assert.ok(!flow.fetching.includes('pause 1'))
  assert.equal(flow.meters.process.rebalances.assigned, 2)
})

test('a move does not wait longer than the drain, and what answers later counts for nothing', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: { order: 'none', rebalanceDrain: 10 },
  })
  const moved = moving(flow)
  const first = assign([0])
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => handler.inFlight.length === 3, 'all records')
  await handler.answer('0@0')
  await flow.engine.move(orderOf([{ offset: 0 }]))
  assert.equal(moved[0]?.operator?.replay?.to, 1)
  await until(() => flow.engine.partitions().length === 1, 'the new lane')
  await handler.answer('0@1')
  await handler.answer('0@2')
  await flow.engine.drain(0)
  assert.equal(first.committed(0), 1)
})

test('once an operator sets the offset, the old lane commits nothing more', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: { order: 'none', rebalanceDrain: 10 },
    commit: { everyRecords: 1 },
  })
  const first = assign([0])
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => handler.inFlight.length === 3, 'all records')
  await handler.answer('0@0')
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  let isAsked = false
  flow.member.moved = () => {
    isAsked = true
    return held
  }
  const answers = flow.engine.move(orderOf([{ offset: 0 }]))
  await until(() => isAsked, 'the commit of the new offset')
  const before = first.commits.length
  // It outlived the drain, and is finished while the new offset is on its way.
  await handler.answer('0@1')
  await turns()
  letGo()
  await answers
  assert.deepEqual([first.commits.length, first.committed(0)], [before, 1])
})

test('two operators: the second is refused, in whatever order they come', async (t) => {
  const flow = createFlow(t)
  const moved = moving(flow)
  flow.listener.assigned(assign([0], 50))
  const both = await Promise.all([
    flow.engine.move(orderOf([{ offset: 10, committed: 50 }], { id: 'one' })),
    flow.engine.move(orderOf([{ offset: 20, committed: 50 }], { id: 'two' })),
  ])
  assert.equal(moved.length, 1)
  assert.deepEqual(both[0], [{ ...at(0), before: 50, reason: null }])
  // While the partition is about to begin anew, nobody has it; later it is another state.
  assert.deepEqual(both[1], [])
  await until(() => flow.engine.partitions().length === 1, 'the new lane')
  const [later] = await flow.engine.move(orderOf([{ offset: 20, committed: 50 }], { id: 'two' }))
  assert.match(later?.reason ?? '', /an operator has set it to another offset/)
  // The first one asks again, because the answer was lost.
  const [again] = await flow.engine.move(orderOf([{ offset: 10, committed: 50 }], { id: 'one' }))
  assert.equal(again?.reason, null)
  assert.equal(moved.length, 1)
})

test('refused before anything is drained: unhandled records, or offsets that went back', async (t) => {
  const flow = createFlow(t)
  moving(flow)
  flow.listener.assigned(assign([0], 50))
  const [skipping] = await flow.engine.move(orderOf([{ offset: 60, committed: 50 }]))
  assert.match(skipping?.reason ?? '', /10 records that nobody handled/)
  const [behind] = await flow.engine.move(orderOf([{ offset: 10, committed: 51 }]))
  assert.match(behind?.reason ?? '', /it is at 50, and was at 51/)
  assert.deepEqual(flow.fetching, [])
  assert.deepEqual(await flow.engine.move(orderOf([{ partition: 7 }])), [])
})

test('set forward, it is not set back by what was handled meanwhile', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, options: { order: 'none' } })
  const moved = moving(flow)
  const replay = { from: 10, to: 52, deduplicates: false }
  assigned(flow, 0, 50, { move: 'a', replay, skippedFrom: null })
  // The end of the replay, as of a plan that was made at 20; its last records are still in flight.
  flow.listener.batch(batchOf(0, 50, 4))
  await until(() => handler.inFlight.length === 4, 'all records')
  const answers = flow.engine.move(orderOf([{ offset: 52, committed: 20, move: 'a' }]))
  for (const offset of [50, 51, 52, 53]) await handler.answer(`0@${offset}`)
  const [answer] = await answers
  assert.match(answer?.reason ?? '', /^it is at 54 by now, past 52, by itself$/)
  assert.deepEqual(moved[0]?.offset, 54)
  await until(() => flow.engine.partitions().length === 1, 'the new lane')
  const late = orderOf([{ offset: 53, committed: 20, move: 'x' }], { id: 'y' })
  const [again] = await flow.engine.move(late)
  assert.match(again?.reason ?? '', /it is at 54 by now, past 53/)
  assert.equal(moved.length, 1)
})

test('where a store beside Kafka decides where the partition begins, it is told under its claim', async (t) => {
  const flow = createFlow(t)
  const moved = moving(flow)
  const [one] = assign([0], 50)
  assert.ok(one)
  const claim = { ...at(0), epoch: 1, version: 0, fenced() {} }
  flow.listener.assigned(Object.assign(assign([0], 50), { 0: { ...one, claim } }))
  const [answer] = await flow.engine.move(orderOf([{ offset: 10, committed: 50 }]))
  assert.equal(answer?.reason, null)
  assert.deepEqual(
    moved.map((each) => [each.offset, each.claim]),
    [[10, claim]],
  )
})

test('skipped records are counted, those of a replay are not', async (t) => {
  const flow = createFlow(t)
  const moved = moving(flow)
  const replay = { from: 10, to: 60, deduplicates: false }
  assigned(flow, 0, 20, { move: 'a', replay, skippedFrom: null })
  const order = orderOf([{ offset: 75, committed: 20, move: 'a' }], { allowsSkip: true })
  const [answer] = await flow.engine.move(order)
  assert.equal(answer?.reason, null)
  assert.equal(flow.meters.topic(TOPIC).operatorSkipped, 15)
  assert.deepEqual(moved[0]?.operator, { move: 'x', replay: null, skippedFrom: 60 })
})

test('the commit fails: it is said, and the partition goes on at what the broker has', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0], 50))
  flow.member.moved = () => {
    throw new CodedError('OCC_COMMIT_FAILED', 'Committing offsets: no coordinator')
  }
  const [answer] = await flow.engine.move(orderOf([{ offset: 10, committed: 50 }]))
  assert.match(answer?.reason ?? '', /no coordinator/)
  assert.deepEqual(flow.engine.partitions(), [])
  flow.listener.assigned(assign([0], 50))
  assert.equal(flow.status(0).position, 50)
})

test('taken away in the middle: no answer, and no lane is left', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, options: { rebalanceDrain: 60_000 } })
  const moved = moving(flow)
  const first = assign([0])
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  const answers = flow.engine.move(orderOf([{ offset: 0 }]))
  const revoked = flow.listener.revoking([at(0)])
  await handler.answer('0@0')
  await revoked
  assert.deepEqual(await answers, [])
  assert.deepEqual([moved.length, first.committed(0)], [0, 1])
  assert.deepEqual(flow.engine.partitions(), [])
})
