import assert from 'node:assert/strict'
import test from 'node:test'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { dead, later, OK, type Outcome, retry } from '../../../../src/kernel/shapes/outcome.ts'
import type { ToPark } from '../../../../src/kernel/shapes/parked.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { again, assign, batchOf, createFlow, TOPIC, turns, until } from '../harness/harness.ts'
import { outage } from '../harness/outage.ts'

const AWAY = new CodedError('OCC_HANDLER', 'its shop is closed', { retriable: true })

/** The place of parked records; the test decides when one is kept. */
function createPlace(afterRetries: number | null = null) {
  const parked: ToPark[] = []
  const answers: Array<PromiseWithResolvers<void>> = []
  return {
    parked,
    answers,
    afterRetries,
    park(toPark: ToPark): Promise<void> {
      parked.push(toPark)
      const answer = Promise.withResolvers<void>()
      answers.push(answer)
      return answer.promise
    },
  }
}

const facts = ({ record, hold, ...why }: ToPark) => ({ offset: record.offset, ...why })

test('a record is finished once it is parked, and those behind it go on before', async (t) => {
  const place = createPlace()
  const flow = createFlow(t, {
    parking: place,
    commit: { everyRecords: 1 },
    handle: ({ offset }) => (offset === 1 ? later(5_000, 'too early', 'h') : OK),
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 4))
  await until(() => place.parked.length === 1, 'the record to be parked')
  await turns()
  assert.deepEqual(place.parked.map(facts), [
    { offset: 1, after: 5_000, reason: 'too early', code: null, handler: 'h' },
  ])
  assert.deepEqual(flow.handed, ['0@0', '0@1', '0@2', '0@3'])
  assert.equal(assignment.committed(0), 1)
  place.answers[0]?.resolve()
  await turns()
  assert.equal(assignment.committed(0), 4)
  assert.deepEqual([flow.meters.topic(TOPIC).parked, flow.meters.topic(TOPIC).handled], [1, 3])
  assert.deepEqual(flow.dead(), [])
})

test('while a record cannot be parked its partition waits, and it is tried again', async (t) => {
  const place = createPlace()
  const log = createCapturedLog()
  const flow = createFlow(t, {
    parking: place,
    log,
    commit: { everyRecords: 1 },
    handle: ({ offset }) => (offset === 0 ? later(5_000, 'too early', 'h') : OK),
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => place.answers.length === 1, 'the first write')
  place.answers[0]?.reject(new CodedError('OCC_PARKED_FULL', 'full', { retriable: true }))
  await until(() => place.answers.length === 2, 'the second write')
  assert.deepEqual([assignment.committed(0), flow.status(0).pausedBy], [undefined, 'parked'])
  place.answers[1]?.resolve()
  await until(() => assignment.committed(0) === 2, 'the commit')
  assert.deepEqual(
    log.lines.flatMap(({ fields }) =>
      fields.event === 'record.not-parked' ? [fields['code']] : [],
    ),
    ['OCC_PARKED_FULL'],
  )
})

for (const [name, failure, isParked] of [
  ['a fault of the world', retry(AWAY, 'h'), true],
  ['a fault of its own', { ...retry(AWAY, 'h'), fault: 'record' as const }, false],
  ['the handler gives it up', dead(AWAY, 'h'), false],
] as const) {
  test(`with parked.afterRetries, of records that are given up: ${name}`, async (t) => {
    const place = createPlace(60_000)
    const flow = createFlow(t, {
      parking: place,
      options: { retry: { attempts: 2, backoff: 1, maxBackoff: 1 }, order: 'none' },
      handle: ({ offset }): Outcome => (offset === 0 ? failure : { kind: 'ok', handlers: ['h'] }),
    })
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 3))
    await until(() => place.parked.length + flow.letters.length === 1, 'the end of the record')
    assert.deepEqual(
      place.parked.map(facts),
      isParked
        ? [{ offset: 0, after: 60_000, reason: AWAY.message, code: AWAY.code, handler: 'h' }]
        : [],
    )
    assert.deepEqual(flow.dead(), isParked ? [] : ['0@0'])
  })
}

test('a circuit closes when its handler parks the probe, because what is parked waits for that', async (t) => {
  const place = createPlace()
  let away = true
  const { flow, tick, circuit } = outage(
    t,
    { order: 'none' },
    { parking: place, handle: () => (away ? again() : later(60_000, 'not final yet', 'h')) },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 8))
  for (let step = 0; step < 20; step++) await tick(100)
  assert.equal(circuit()?.state, 'open')
  away = false
  for (let step = 0; step < 5; step++) await tick(4_000)
  assert.equal(circuit()?.state, 'closed')
  assert.equal(place.parked.length, 8)
  assert.deepEqual(flow.dead(), [])
})
