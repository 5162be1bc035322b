import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { HeldKeys } from '../../../../src/flow/parked/held-keys.ts'
import type { Holder, HoldPlace } from '../../../../src/flow/types.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'
import { later, OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { holdOf, type ToPark } from '../../../../src/kernel/shapes/parked.ts'
import {
  assign,
  batchOfKeys,
  createFlow,
  recordAt,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

/** A table of parked records whose writes the test answers. */
class Place {
  readonly parked: ToPark[] = []
  readonly answers: Array<PromiseWithResolvers<void>> = []
  /** What is in the table: the offset of each record, and what it holds. */
  readonly rows = new Map<number, string | null>()
  readonly asked: number[] = []
  problem: CodedError | null = null
  readonly afterRetries = null

  readonly hold: HoldPlace = {
    held: async () => {
      if (this.problem !== null) throw this.problem
      return new Set([...this.rows.values()].filter((hold) => hold !== null))
    },
    holderOf: async ({ offset }, hold): Promise<Holder> => {
      this.asked.push(offset)
      const holding = [...this.rows].filter(([, held]) => held === hold).map(([own]) => own)
      if (holding.length === 0) return 'none'
      return holding.includes(offset) ? 'itself' : 'other'
    },
  }

  async park(toPark: ToPark): Promise<void> {
    this.parked.push(toPark)
    const answer = Promise.withResolvers<void>()
    this.answers.push(answer)
    await answer.promise
    this.rows.set(toPark.record.offset, toPark.hold)
  }

  get offsets(): number[] {
    return this.parked.map(({ record }) => record.offset)
  }
}

function setUp(
  t: TestContext,
  handle: (offset: number) => Outcome | Promise<Outcome>,
  place = new Place(),
) {
  const flow = createFlow(t, {
    parking: place,
    options: { order: 'key', retry: { attempts: 2, backoff: 1, maxBackoff: 1 } },
    commit: { everyRecords: 1 },
    handle: ({ offset }) => handle(offset),
    processor: { keyOf: ({ key }) => key?.toString() ?? null },
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  return { flow, place, assignment }
}

test('records behind a parked one of their key are parked behind it, once it is in the table; others go on', async (t) => {
  const { flow, place, assignment } = setUp(t, (offset) =>
    offset === 0 ? later(500, 'no', 'h') : OK,
  )
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b', 'a', 'b']))
  await until(() => flow.handed.length === 3, 'those of the other key')
  await turns()
  assert.deepEqual(flow.handed, ['0@0', '0@2', '0@4'])
  assert.deepEqual(place.offsets, [0])
  place.answers[0]?.resolve()
  await until(() => place.parked.length === 2, 'the next one of the key')
  assert.deepEqual(
    place.parked.map(({ record, hold, after, handler }) => [record.offset, hold, after, handler]),
    [
      [0, holdOf('a'), 500, 'h'],
      [1, holdOf('a'), 0, null],
    ],
  )
  await turns()
  assert.deepEqual(place.offsets, [0, 1], 'not before the one in front of it is there')
  place.answers[1]?.resolve()
  await until(() => place.parked.length === 3, 'the last one of the key')
  place.answers[2]?.resolve()
  await until(() => assignment.committed(0) === 5, 'all offsets')
})

test('a key whose parked records have ended is free again', async (t) => {
  const { flow, place } = setUp(t, (offset) => (offset === 0 ? later(500, 'no', 'h') : OK))
  flow.listener.batch(batchOfKeys(0, 0, ['a']))
  await until(() => place.answers.length === 1, 'the parked record')
  place.answers[0]?.resolve()
  await until(() => place.rows.size === 1, 'its row')
  place.rows.clear()
  flow.listener.batch(batchOfKeys(0, 1, ['a', 'a']))
  await until(() => flow.handed.length === 3, 'the others')
  assert.deepEqual(place.asked, [1], 'it is asked once')
})

test('a partition that was taken over knows the keys that are held, and a record that is parked already is finished', async (t) => {
  const place = new Place()
  place.rows.set(1, holdOf('a'))
  const { flow, assignment } = setUp(t, () => OK, place)
  flow.listener.batch(batchOfKeys(0, 0, ['b', 'a', 'a']))
  await until(() => place.parked.length === 1, 'the one behind')
  assert.deepEqual([flow.handed, place.offsets], [['0@0'], [2]])
  place.answers[0]?.resolve()
  await until(() => assignment.committed(0) === 3, 'all offsets')
  const { handled, skipped, parked } = flow.meters.topic(TOPIC)
  assert.deepEqual([handled, skipped, parked], [1, 1, 1])
})

test('until it is known what is held, no record with a key is handled', async (t) => {
  const place = new Place()
  place.problem = new CodedError('OCC_POSTGRES_CONNECT', 'away', { retriable: true })
  const { flow } = setUp(t, () => OK, place)
  flow.listener.batch(batchOfKeys(0, 0, ['a', null, 'b']))
  await until(() => flow.handed.length === 1, 'the one without a key')
  await turns()
  assert.deepEqual([flow.handed, flow.letters], [['0@1'], []])
  place.problem = null
  await until(() => flow.handed.length === 3, 'the others')
})

test('what was finished before is noted in its turn, as in a partition whose parked records hold nothing', async (t) => {
  const seen: string[] = []
  const flow = createFlow(t, {
    parking: new Place(),
    options: { order: 'key' },
    handle({ offset }) {
      seen.push(`${offset}`)
      return OK
    },
    processor: { recall: ({ offset }) => void seen.push(`${offset} again`) },
  })
  flow.listener.assigned(assign([0], 0, [{ from: 1, to: 2 }]))
  flow.listener.batch(batchOfKeys(0, 0, [null, 'a', null]))
  await until(() => flow.handed.length === 2, 'the others')
  assert.deepEqual(seen, ['0', '1 again', '2'])
})

test('keys whose parked records have ended do not fill the memory: the table is read again', async () => {
  const inner = { process: () => OK }
  const place = new Place()
  let reads = 0
  const hold: HoldPlace = {
    ...place.hold,
    async held(partition) {
      reads += 1
      return place.hold.held(partition)
    },
  }
  const held = new HeldKeys({ topic: TOPIC, partition: 0 }, inner, hold, {
    isReplay: () => false,
  })
  const record = (offset: number, key: string) => ({
    ...recordAt(0, offset),
    key: Buffer.from(key),
  })
  const { signal } = new AbortController()
  assert.equal((await held.process(record(0, 'first'), signal)).kind, 'ok')
  // One that stays in the table, one on its way to it, and very many that ended.
  const [stays, onItsWay] = [record(1, 'stays'), record(2, 'on its way')]
  place.rows.set(1, held.parking(stays))
  held.parked(stays)
  const arriving = held.parking(onItsWay)
  for (let offset = 10; offset < 50_010; offset++) {
    const one = record(offset, `${offset}`)
    held.parking(one)
    held.parked(one)
  }
  const behind = held.process(record(60_000, 'stays'), signal)
  const waiting = held.process(record(60_001, 'on its way'), signal)
  assert.equal((await behind).kind, 'later')
  assert.equal(reads, 2)
  place.rows.set(2, arriving)
  held.parked(onItsWay)
  assert.equal((await waiting).kind, 'later')
  assert.equal((await held.process(record(60_002, 'new'), signal)).kind, 'ok')
  // It was forgotten, so it is free without being asked for.
  assert.equal((await held.process(record(60_003, '10'), signal)).kind, 'ok')
  assert.deepEqual(place.asked, [60_000, 60_001])
})
