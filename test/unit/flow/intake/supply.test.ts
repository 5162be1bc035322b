import assert from 'node:assert/strict'
import test from 'node:test'
import type { BatchDamage } from '../../../../src/broker/types.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { assign, batchOf, createFlow, Handler, TOPIC, turns, until } from '../harness/harness.ts'

const PARTITION = { topic: TOPIC, partition: 0 }
const CORRUPT = new OccError('OCC_BATCH_CORRUPT', 'its checksum does not fit')

function damageOf(firstOffset: number, lastOffset: number): BatchDamage {
  const raw = Buffer.from('whatever came')
  return { error: CORRUPT, codec: 'lz4', firstOffset, lastOffset, raw }
}

test('a batch that does not follow the one before is refused and logged, and so is everything behind it', async (t) => {
  const log = createCapturedLog()
  const flow = createFlow(t, { log })
  const assignment = assign([0], 10)
  flow.listener.assigned(assignment)
  for (const from of [9, 11]) flow.listener.batch(batchOf(0, from, 2))
  flow.listener.batch(batchOf(0, 10, 2))
  flow.listener.batch(batchOf(0, 13, 2))
  flow.listener.batch(batchOf(0, 15, 2))
  await turns()
  assert.deepEqual(flow.handed, ['0@10', '0@11'])
  assert.equal(flow.status(0).position, 12)
  const said = log.lines.filter(({ fields }) => fields.event === 'batch.refused')
  assert.deepEqual(
    said.map(({ fields }) => [fields['from'], fields['expected'], fields['code']]),
    [
      [9, 10, 'OCC_BATCH_GAP'],
      [13, 12, 'OCC_BATCH_GAP'],
    ],
    'once for each gap',
  )
  assert.match(flow.status(0).problem?.message ?? '', /begins at offset 13, but 12 is expected/)
  assert.deepEqual([...(flow.meters.errors.get('flow') ?? [])], [['OCC_BATCH_GAP', 4]])
  flow.listener.batch(batchOf(0, 12, 2))
  await turns()
  assert.equal(flow.status(0).problem, null)
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 14)
})

test('a batch does not count as arrived until it is opened, when its first record is needed', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  const opened: number[] = []
  for (const from of [0, 2, 5]) {
    const whole = batchOf(0, from, 2, { nextOffset: from === 2 ? 5 : from + 2 })
    flow.listener.batch({
      ...whole,
      read() {
        opened.push(from)
        return whole.read()
      },
    })
  }
  // An emptied batch, and a range deleted by retention.
  flow.listener.batch(batchOf(0, 7, 0, { nextOffset: 9 }))
  flow.listener.moved(PARTITION, 20)
  const seen = () => [opened, assignment.committed(0), flow.meters.topic(TOPIC).records]
  await handler.answer('0@0')
  assert.deepEqual(seen(), [[0], 1, 2])
  await handler.answer('0@1')
  assert.deepEqual(seen(), [[0, 2], 2, 4])
  await handler.answer('0@2')
  await handler.answer('0@3')
  assert.deepEqual(seen(), [[0, 2, 5], 5, 6], 'past a hole, not past what waits')
  await handler.answer('0@5')
  assert.equal(assignment.committed(0), 6)
  await handler.answer('0@6')
  assert.deepEqual([assignment.committed(0), flow.status(0).position], [20, 20])
})

test('thousands of batches without records hold no memory and move the committable offset', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await turns()
  for (let from = 1; from < 5_001; from++) {
    flow.listener.batch(batchOf(0, from, 0, { nextOffset: from + 1, bytes: 70 }))
  }
  assert.deepEqual([flow.status(0).queueBytes, flow.status(0).queueRecords], [0, 0])
  const revoked = flow.listener.revoking(assignment)
  await handler.answer('0@0')
  await revoked
  assert.equal(assignment.committed(0), 5_001)
})

test('a batch that cannot be read is fetched again, with everything behind it, and nothing is committed past it', async (t) => {
  const flow = createFlow(t, { commit: { everyRecords: 1 } })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  const bad = batchOf(0, 2, 2, {
    read() {
      throw CORRUPT
    },
  })
  flow.listener.batch(bad)
  flow.listener.batch(batchOf(0, 4, 2))
  flow.listener.moved(PARTITION, 10)
  await until(() => flow.member.unreadableBatches.length === 1, 'the batch to be tried')
  assert.deepEqual(flow.member.unreadableBatches, [[bad, CORRUPT]])
  const { position, queueRecords, queueBytes } = flow.status(0)
  assert.deepEqual([position, queueRecords, queueBytes], [2, 0, 0])
  assert.equal(flow.engine.load().bufferedBytes, 0)
  await turns()
  assert.equal(assignment.committed(0), 2)
  flow.listener.batch(batchOf(0, 2, 2))
  flow.listener.batch(batchOf(0, 4, 2))
  await until(() => flow.handed.length === 6, 'all records')
  await flow.listener.revoking(assignment)
  assert.deepEqual([assignment.committed(0), flow.handed.at(-1)], [6, '0@5'])
})

test('a bug in reading a batch is not mistaken for its end', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0]))
  flow.listener.batch(
    batchOf(0, 0, 2, {
      read() {
        throw new TypeError('undefined is not a function')
      },
    }),
  )
  await until(() => flow.member.unreadableBatches.length === 1, 'the batch to be tried')
  const [, error] = flow.member.unreadableBatches[0] ?? []
  assert.deepEqual(
    [error?.code, error?.message],
    ['OCC_BATCH_CORRUPT', 'undefined is not a function'],
  )
})

test('an unreadable batch of a topic that was recreated does not block the new topic', async (t) => {
  const flow = createFlow(t)
  const assignment = assign([0], 100)
  flow.listener.assigned(assignment)
  flow.listener.batch(
    batchOf(0, 100, 2, {
      read() {
        throw CORRUPT
      },
    }),
  )
  flow.listener.moved(PARTITION, 0)
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => flow.handed.length === 3, 'the new records')
  assert.deepEqual(flow.member.unreadableBatches, [], 'nobody can fetch it again')
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 3)
})

test('a damaged batch becomes one dead letter in its turn, and then the commit passes all of it', async (t) => {
  const handler = new Handler()
  const safe = Promise.withResolvers<void>()
  const flow = createFlow(t, {
    handle: handler.handle,
    keepFailed: () => safe.promise,
    commit: { everyRecords: 1 },
    clock: { now: () => 7_000, monotonic: () => performance.now() },
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  const damage = damageOf(1, 5)
  flow.listener.batch(batchOf(0, 1, 0, { nextOffset: 6, bytes: 900, damage }))
  flow.listener.batch(batchOf(0, 6, 2))
  await until(() => handler.inFlight.length === 1, 'the record before')
  assert.equal(flow.status(0).inFlight, 1, 'it is not its turn')
  await handler.answer('0@0')
  await handler.answer('0@6')
  assert.deepEqual([assignment.committed(0), flow.letterMeter.waiting], [1, 1])
  safe.resolve()
  await handler.answer('0@7')
  assert.equal(assignment.committed(0), 8)
  const [letter] = flow.letters
  assert.deepEqual(letter, {
    record: {
      ...PARTITION,
      offset: 1,
      timestamp: 7_000,
      key: null,
      value: damage.raw,
      headers: {},
    },
    error: CORRUPT,
    handler: null,
    attempts: 0,
    redrives: 0,
    failedAt: 7_000,
  })
  const { corruptBatches, corruptRecords, failedRecords, handled } = flow.meters.topic(TOPIC)
  assert.deepEqual([corruptBatches, corruptRecords, handled], [1, 5, 3])
  assert.deepEqual([...failedRecords], [['OCC_BATCH_CORRUPT', 1]])
})

test('the dead letter of a damaged batch that was partly consumed has the current offset', async (t) => {
  const flow = createFlow(t, { options: { order: 'key' } })
  const assignment = assign([0], 3)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 3, 0, { nextOffset: 6, damage: damageOf(1, 5) }))
  await until(() => flow.letters.length === 1, 'the letter')
  await flow.listener.revoking(assignment)
  assert.deepEqual([flow.letters[0]?.record.offset, assignment.committed(0)], [3, 6])
})

test('a move to a higher offset leaves a gap; a move back restarts the offsets, which are committed at once', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { interval: 1_000 } })
  const assignment = assign([0], 100)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 100, 2))
  flow.listener.moved(PARTITION, 150)
  flow.listener.batch(batchOf(0, 150, 1))
  await handler.answer('0@100')
  await handler.answer('0@101')
  t.mock.timers.tick(1_000)
  await turns()
  assert.equal(assignment.committed(0), 150)
  // Truncated at 120: records in flight from there on no longer exist.
  flow.listener.moved(PARTITION, 120)
  t.mock.timers.tick(1_000)
  await turns()
  assert.deepEqual([assignment.committed(0), flow.status(0).position], [120, 120])
  await handler.answer('0@150')
  flow.listener.batch(batchOf(0, 120, 40))
  for (let offset = 120; offset < 160; offset++) await handler.answer(`0@${offset}`)
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 160)
})
