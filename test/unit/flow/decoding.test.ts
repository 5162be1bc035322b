import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../src/kernel/errors.ts'
import { PASSED_BY, undecodable } from '../../../src/kernel/shapes/outcome.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import {
  assign,
  batchOf,
  batchOfKeys,
  done,
  nameOf,
  recordAt,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'
import { ORDERS, range, setUp } from './harness/judging.ts'

const NO_JSON = undecodable(new CodedError('OCC_JSON_INVALID', 'not JSON'))

for (const order of ORDERS) {
  test(`${order}: while no record of a topic can be decoded its partitions wait, and dead letters begin once one can`, async (t) => {
    const log = createCapturedLog()
    const errors = () => log.lines.filter(({ level }) => level === 'error').map(({ text }) => text)
    const state = { good: new Set<string>() }
    const { flow, tick, succeeded, circuit } = setUp(
      t,
      { order },
      (record) => (state.good.has(nameOf(record)) ? done() : NO_JSON),
      { processor: { format: 'JSON', handlers: ['h'] }, log },
    )
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 200))
    await turns()
    const problem = `no record of topic ${TOPIC} is JSON: set \`decode.topics\``
    assert.deepEqual([circuit()?.topic, circuit()?.problem], [TOPIC, problem])
    assert.equal(flow.status(0).pausedBy, 'decode')
    assert.match(
      errors().join(),
      /^No record of topic .* is JSON: set `decode.topics` to its actual format/,
    )
    const before = flow.handed.length
    await tick(60)
    const tried = flow.handed.length - before
    assert.ok(tried > 0 && tried <= 60, `${tried} tried in 60 s`)
    assert.equal(
      new Set(flow.handed).size,
      flow.handed.length,
      'none is tried again: an attempt would not change it',
    )
    assert.deepEqual(flow.dead(), [])
    assert.equal(errors().length, 1)
    // From now on all records are good.
    const bad = new Set(flow.handed)
    for (const partition of [0, 1])
      for (const name of range(partition, 0, 200)) state.good.add(name)
    await tick(31)
    assert.equal(circuit(), undefined)
    assert.equal(succeeded.length, 400 - bad.size)
    assert.deepEqual(flow.dead().toSorted(), [...bad].toSorted())
  })

  test(`${order}: once some records are decoded, a few bad ones are dead letters at once; a long run of them stops the topic`, async (t) => {
    const { flow, tick, succeeded, circuit } = setUp(t, { order }, ({ offset }) =>
      offset === 20 || offset === 40 || offset >= 60 ? NO_JSON : done(),
    )
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 50))
    await until(() => succeeded.length === 48, 'the good ones')
    assert.deepEqual(flow.dead(), ['0@20', '0@40'])
    flow.listener.batch(batchOf(0, 50, 2_000))
    await tick(10)
    assert.deepEqual([circuit()?.topic, flow.dead().length], [TOPIC, 2 + 9])
    assert.match(circuit()?.problem ?? '', /^none of the newest records of topic/)
  })
}

test('a record without a value says nothing about the decoding of its topic', async (t) => {
  const { flow, circuit } = setUp(t, { order: 'none' }, ({ value }) =>
    value === null ? done() : NO_JSON,
  )
  flow.listener.assigned(assign([0]))
  const records = Array.from({ length: 8 }, (_, offset) =>
    recordAt(0, offset, offset % 2 === 0 ? {} : { value: null }),
  )
  flow.listener.batch(batchOf(0, 0, 8, { records }))
  await turns()
  assert.deepEqual([circuit()?.topic, flow.dead()], [TOPIC, []])
})

test('a record redriven for another group, passed by unread, says nothing about the decoding either', async (t) => {
  const meters = createMeters()
  const answer = ({ offset }: { offset: number }) => {
    if (offset % 2 === 1) return NO_JSON
    meters.topic(TOPIC).passedBy += 1
    return PASSED_BY
  }
  const { flow, circuit } = setUp(t, { order: 'none' }, answer, { meters })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 8))
  await turns()
  assert.deepEqual([circuit()?.topic, flow.dead()], [TOPIC, []])
})

test('a topic that cannot be decoded stops no other topic', async (t) => {
  const { flow, succeeded } = setUp(t, { order: 'key' }, ({ key }) =>
    String(key) === 'bad' ? NO_JSON : done(),
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['bad', 'bad', 'good', 'bad', 'bad', 'good']))
  await turns(30)
  assert.equal(succeeded.length, 2)
  assert.equal(flow.dead().length, 4)
})

test('the problem names the format that was tried last, if it changes', async (t) => {
  const processor = { format: 'JSON', handlers: ['h'] }
  const { flow, tick, circuit } = setUp(t, { order: 'none' }, () => NO_JSON, {
    openProcessor: () => ({
      get format() {
        return processor.format
      },
      process: () => NO_JSON,
    }),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 200))
  await turns()
  assert.match(circuit()?.problem ?? '', /is JSON: set/)
  processor.format = 'text'
  await tick(31)
  assert.match(circuit()?.problem ?? '', /is text: set/)
})

for (const order of ORDERS) {
  test(`${order}: once the rules of decoding are right, every record is handled, none is a dead letter`, async (t) => {
    const state = { isRight: false }
    const { flow, tick, succeeded } = setUp(t, { order }, () => (state.isRight ? done() : NO_JSON))
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 50))
    await tick(40)
    assert.ok(flow.status(0).suspects > 1)
    state.isRight = true
    flow.configure({})
    await tick(31)
    assert.deepEqual([succeeded.length, flow.dead()], [100, []])
    const first = succeeded.filter((name) => name.startsWith('0@'))
    if (order === 'partition') assert.deepEqual(first, range(0, 0, 50))
  })
}

test('two records of a quiet topic are handled at once when the rules of decoding are right', async (t) => {
  const state = { isRight: false }
  const { flow, succeeded } = setUp(t, {}, () => (state.isRight ? done() : NO_JSON))
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => flow.status(0).suspects === 2, 'both to fail')
  state.isRight = true
  flow.configure({})
  await until(() => succeeded.length === 2, 'both')
  assert.deepEqual(flow.dead(), [])
})
