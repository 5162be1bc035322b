import assert from 'node:assert/strict'
import test from 'node:test'
import { sizeOf } from '../../../src/flow/intake/record-queue.ts'
import {
  again,
  assign,
  batchOf,
  createFlow,
  FakeMember,
  fakeTime,
  Handler,
  listen,
  recordAt,
  sizeOfAll,
  TOPIC,
  until,
} from './harness/harness.ts'

const timeOf = (offset: number) => 1_700_000_000_000 + offset

test('before the first fetch a partition only knows where it starts', (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([3], 40))
  assert.deepEqual(flow.status(3), {
    topic: TOPIC,
    partition: 3,
    member: 'consumer-0',
    endOffset: null,
    endKnownAt: null,
    stableOffset: null,
    committedOffset: 40,
    position: 40,
    lag: null,
    queueRecords: 0,
    queueBytes: 0,
    inFlight: 0,
    windowRecords: 0,
    windowBytes: 0,
    oldestTakenAt: null,
    oldest: null,
    retrying: 0,
    behindRetries: 0,
    suspects: 0,
    stuck: 0,
    paused: false,
    pausedBy: null,
    problem: null,
    blockedByTransaction: null,
    caughtUp: false,
    replay: null,
    oldestUnprocessedTime: null,
  })
})

test('the status follows a record from the fetch to the commit', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 2 } })
  flow.listener.assigned(assign([0], 40))
  const batch = batchOf(0, 40, 3, { endOffset: 60 })
  flow.listener.batch(batch)
  await until(() => handler.inFlight.length === 1, 'the first record')
  const bytes = sizeOfAll(batch.read().slice(1))
  const { topic, partition, member, paused, pausedBy, oldestTakenAt, endKnownAt, ...rest } =
    flow.status(0)
  assert.ok(oldestTakenAt !== null && oldestTakenAt <= performance.now())
  assert.ok(endKnownAt !== null && endKnownAt <= Date.now())
  assert.deepEqual(rest, {
    endOffset: 60,
    stableOffset: null,
    committedOffset: 40,
    position: 43,
    lag: 20,
    queueRecords: 2,
    queueBytes: bytes,
    inFlight: 1,
    oldest: {
      ...{ offset: 40, attempt: 1, state: 'running' },
      ...{ handlers: [], handler: null, code: null },
    },
    windowRecords: 1,
    windowBytes: sizeOf(recordAt(0, 40)),
    retrying: 0,
    behindRetries: 0,
    suspects: 0,
    stuck: 0,
    problem: null,
    blockedByTransaction: null,
    caughtUp: false,
    replay: null,
    oldestUnprocessedTime: timeOf(40),
  })
  await handler.answer('0@40')
  assert.equal(flow.status(0).oldestUnprocessedTime, timeOf(41))
  assert.equal(flow.status(0).lag, 20, 'finished is not committed')
  await handler.answer('0@41')
  assert.deepEqual([flow.status(0).committedOffset, flow.status(0).lag], [42, 18])
  await handler.answer('0@42')
  const behind = flow.status(0)
  assert.deepEqual([behind.queueRecords, behind.inFlight], [0, 0])
  assert.equal(behind.oldestUnprocessedTime, timeOf(42), 'the next record is not older than that')
})

test('a record that is dated ahead waits since it came', async (t) => {
  let now = 1_000_000
  const handler = new Handler()
  const clock = { now: () => now, monotonic: () => now - 900_000 }
  const flow = createFlow(t, { handle: handler.handle, clock })
  const waiting = () => flow.status(0).oldestUnprocessedTime
  flow.listener.assigned(assign([0], 40))
  flow.engine.hold([{ topic: TOPIC, partition: 0 }])
  const ahead = (offset: number) => recordAt(0, offset, { timestamp: now + 3_600_000 })
  flow.listener.batch(batchOf(0, 40, 2, { records: [ahead(40), ahead(41)], endOffset: 43 }))
  now += 60_000
  assert.equal(waiting(), 1_000_000, 'in the queue')
  flow.engine.hold([])
  await until(() => handler.inFlight.length === 1, 'the first record')
  now += 60_000
  assert.equal(waiting(), 1_060_000, 'in flight, since it was taken')
  await handler.answer('0@40')
  assert.equal(waiting(), 1_120_000)
  await handler.answer('0@41')
  assert.equal(waiting(), 1_000_000, 'what is not fetched: since the end was told')
})

test('the oldest record is named with its attempt, what it waits for, and the handler that failed', async (t) => {
  const wait = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: { order: 'none', retry: { attempts: 3 } },
  })
  flow.listener.assigned(assign([0], 40))
  flow.listener.batch(batchOf(0, 40, 2))
  await handler.answer('0@40', again('whale-alert', 100))
  const failed = { offset: 40, handlers: [], handler: 'whale-alert', code: 'OCC_TEST' }
  assert.deepEqual(flow.status(0).oldest, { ...failed, attempt: 2, state: 'waiting' })
  await wait(100)
  assert.deepEqual(flow.status(0).oldest, { ...failed, attempt: 2, state: 'running' })
  await handler.answer('0@40')
  assert.equal(flow.status(0).oldest?.offset, 41)
  await handler.answer('0@41')
  assert.equal(flow.status(0).oldest, null)
})

test('in its first attempt, too, the handlers that have the oldest record are named', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    processor: { handling: ({ offset }) => [`whale of ${offset}`] },
  })
  flow.listener.assigned(assign([0], 40))
  flow.listener.batch(batchOf(0, 40, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  const { attempt, state, handlers } = flow.status(0).oldest ?? {}
  assert.deepEqual([attempt, state, handlers], [1, 'running', ['whale of 40']])
})

test('a partition has caught up when everything is fetched, and falls behind when more is produced', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const caughtUp = () => flow.status(0).caughtUp
  flow.listener.assigned(assign([0]))
  flow.listener.endOffset({ topic: TOPIC, partition: 0 }, 5, null)
  assert.deepEqual([caughtUp(), flow.status(0).lag], [false, 5])
  flow.listener.batch(batchOf(0, 0, 5))
  assert.equal(caughtUp(), true)
  for (let offset = 0; offset < 5; offset++) await handler.answer(`0@${offset}`)
  assert.equal(flow.status(0).oldestUnprocessedTime, null)
  flow.listener.endOffset({ topic: TOPIC, partition: 0 }, 6, null)
  assert.deepEqual([caughtUp(), flow.status(0).oldestUnprocessedTime], [false, timeOf(4)])
  // The last one is a control record.
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 6)
  assert.deepEqual([caughtUp(), flow.status(0).position], [true, 6])
  assert.equal(flow.meters.process.caughtUp, 2)
})

test('offsets that never arrive do not change the known end', (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0]))
  flow.listener.endOffset({ topic: TOPIC, partition: 0 }, 10, null)
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 4)
  const { position, endOffset, lag, caughtUp } = flow.status(0)
  assert.deepEqual([position, endOffset, lag, caughtUp], [4, 10, 10, false])
})

test('an empty partition has caught up, with no lag', (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0], 7))
  flow.listener.endOffset({ topic: TOPIC, partition: 0 }, 7, null)
  assert.deepEqual([flow.status(0).caughtUp, flow.status(0).lag], [true, 0])
})

test('only currently assigned partitions are shown, each with its member', async (t) => {
  const flow = createFlow(t)
  const other = listen(flow.engine, 'consumer-1', new FakeMember())
  const first = assign([0, 1])
  flow.listener.assigned(first)
  other.assigned(assign([2]))
  const shown = () =>
    flow.engine.partitions().map(({ member, partition }) => `${member} ${partition}`)
  assert.deepEqual(shown(), ['consumer-0 0', 'consumer-0 1', 'consumer-1 2'])
  await flow.listener.revoking(first)
  assert.deepEqual(shown(), ['consumer-1 2'])
  flow.listener.assigned(assign([1], 0))
  assert.deepEqual(shown(), ['consumer-0 1', 'consumer-1 2'])
})

test('handled and lost records are counted for their topic', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 3))
  flow.listener.recordsLost({ topic: TOPIC, partition: 0, from: 3, to: 10 })
  flow.listener.recordsCut({ topic: TOPIC, partition: 0, from: 10, to: 14 })
  flow.listener.fetched(0.1)
  await until(() => flow.meters.topic(TOPIC).handled === 3, 'all records')
  const { records, bytes, recordsLost, recordsCut, handleSeconds, endToEndSeconds } =
    flow.meters.topic(TOPIC)
  assert.deepEqual([records, bytes, recordsLost, recordsCut], [3, 9, 7, 4])
  assert.deepEqual([handleSeconds.snapshot().count, endToEndSeconds.snapshot().count], [3, 3])
  assert.equal(flow.meters.process.fetches, 1)
})

test('rebalances are counted, with the partitions gained and given up', async (t) => {
  const flow = createFlow(t)
  const partitionOf = (partition: number) => ({ topic: TOPIC, partition })
  const { process } = flow.meters
  flow.listener.assigned(assign([0, 1, 2]))
  assert.equal(process.partitionsMoved, 3)
  // Of three partitions the first goes and a fourth comes. Rounds in which nothing moves do not
  // count.
  await flow.listener.revoking([partitionOf(0)])
  await flow.listener.revoking([])
  flow.listener.assigned(assign([3]))
  flow.listener.assigned(assign([]))
  flow.listener.lost([])
  const report = { protocol: 'cooperative-sticky', generation: 2, duration: 800, unmovedPause: 20 }
  flow.listener.rebalanced({ ...report, added: 1, removed: 1 })
  flow.listener.rebalanced({ ...report, added: 0, removed: 0 })
  assert.equal(process.partitionsMoved, 5)
  flow.listener.lost([1, 2, 3].map(partitionOf))
  assert.deepEqual(process.rebalances, { assigned: 2, revoked: 1, lost: 1 })
  assert.equal(process.partitionsMoved, 8)
  const times = [process.rebalanceSeconds, process.unmovedPauseSeconds, process.movedPauseSeconds]
  assert.deepEqual(
    times.map((each) => [each.snapshot().count, each.snapshot().sum]),
    [
      [2, 1.6],
      [2, 0.04],
      [1, 0.8],
    ],
  )
  assert.deepEqual([...process.rebalancesByProtocol], [['cooperative-sticky', 2]])
})
