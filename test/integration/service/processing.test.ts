import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '../../../src/kernel/errors.ts'
import { OK, type Outcome, retry } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { createRandom } from '../../support/random.ts'
import { type Consuming, consuming, numbered, until, useKafka } from '../harness.ts'

const embedded = useKafka()

const keyOf = ({ value }: KafkaRecord) => String(value).split(' ')[0] ?? null

test('key order, three members, rebalances: each key strictly in its order, nothing twice, nothing lost', async (t) => {
  const topic = 'by-key'
  await embedded.createTopic(topic, 6)
  const total = 6_000
  const random = createRandom(11)
  for (let partition = 0; partition < 6; partition++) {
    const values = Array.from(
      { length: total / 6 },
      (_, index) => `${partition}-${random(30)} ${index}`,
    )
    await embedded.produce(topic, values, partition)
  }
  const began: string[] = []
  const ended: string[] = []
  const inFlight = new Set<string>()
  const options = {
    member: { groupId: 'by-key', topics: [topic] },
    order: 'key',
    concurrency: 20,
    maxInFlight: 200,
    processor: { keyOf },
    async process(record: KafkaRecord): Promise<Outcome> {
      const key = keyOf(record) ?? ''
      assert.ok(!inFlight.has(key), `two records of ${key} at the same time`)
      inFlight.add(key)
      began.push(String(record.value))
      await sleep(random(8))
      inFlight.delete(key)
      ended.push(String(record.value))
      return OK
    },
  } as const
  const pods: Consuming[] = [1, 2, 3].map(() => consuming(t, embedded, options))
  const [first, second, third] = pods
  assert.ok(first && second && third)
  const leaving = first.join()
  await until(() => ended.length > 500, 'the first records')
  second.join()
  await until(() => second.engine.partitions().length === 3, 'half of the partitions')
  third.join()
  await until(() => third.engine.partitions().length === 2, 'a third of them')
  await first.engine.drain(10_000)
  await leaving.leave()
  await until(() => second.engine.partitions().length === 3, 'half of them again')
  await until(() => ended.length >= total, 'all records')
  const last = new Map<string, number>()
  for (const value of began) {
    const [key = '', index] = value.split(' ')
    assert.ok((last.get(key) ?? -1) < Number(index), `${value} after ${last.get(key)}`)
    last.set(key, Number(index))
  }
  assert.equal(new Set(ended).size, total)
  assert.equal(began.length, total)
})

test('no order, one slow record, a graceful restart: nothing but the slow one is handled again', async (t) => {
  const topic = 'with-gaps'
  await embedded.createTopic(topic)
  await embedded.produce(topic, numbered(1_000))
  const options = { member: { groupId: 'with-gaps', topics: [topic] }, order: 'none' } as const
  const before = consuming(t, embedded, {
    ...options,
    rebalanceDrain: 0,
    process: ({ offset }) => (offset === 17 ? new Promise<Outcome>(() => {}) : OK),
  })
  const member = before.join()
  await until(() => before.handled.length === 999, 'all but the slow one')
  await before.engine.drain(0)
  await member.leave()
  assert.deepEqual(await embedded.committed('with-gaps', topic), [17])
  await embedded.produce(topic, ['after'])
  const after = consuming(t, embedded, options)
  after.join()
  await until(() => after.handled.some(({ offset }) => offset === 1_000), 'the new record')
  assert.deepEqual(
    after.handled.map(({ offset }) => offset),
    [17, 1_000],
  )
  assert.equal(after.meters.topic(topic).carriedOver, 982)
  await until(async () => (await embedded.committed('with-gaps', topic))[0] === 1_001, 'the commit')
})

test('an outage of a handler: nothing dies, the membership is kept, the lag grows, and it continues by itself', async (t) => {
  const topic = 'outage'
  await embedded.createTopic(topic, 3)
  for (const partition of [0, 1, 2]) await embedded.produce(topic, numbered(200), partition)
  let away = true
  const handled = new Map<number, number[]>([0, 1, 2].map((partition) => [partition, []]))
  const pod = consuming(t, embedded, {
    member: { groupId: 'outage', topics: [topic], sessionTimeout: 6_000 },
    retry: { attempts: 3, backoff: 10, maxBackoff: 20, maxAfter: 60_000 },
    circuit: {
      failures: 5,
      firstFailures: 5,
      probeAfter: 50,
      maxProbeAfter: 200,
      patience: 60_000,
    },
    process({ partition, offset }) {
      if (away) return retry(new CodedError('OCC_TEST', 'the database is away'), 'h')
      handled.get(partition)?.push(offset)
      return { kind: 'ok', handlers: ['h'] }
    },
  })
  const { member } = pod.join()
  await until(() => pod.engine.circuits()[0]?.state === 'open', 'the outage to be noticed')
  const attempts = () => pod.meters.topic(topic).handleSeconds.snapshot().count
  const then = attempts()
  await embedded.produce(topic, numbered(50), 0)
  await until(() => attempts() > then + 3, 'some probes')
  await until(
    () => pod.engine.partitions().find(({ partition }) => partition === 0)?.lag === 250,
    'the lag of what was produced meanwhile',
  )
  assert.equal(member.view.state, 'joined')
  assert.deepEqual(
    pod.engine.partitions().map(({ pausedBy }) => pausedBy),
    ['circuit', 'circuit', 'circuit'],
  )
  away = false
  await until(() => pod.meters.topic(topic).handled === 650, 'all records')
  for (const [partition, offsets] of handled) {
    assert.deepEqual(
      offsets,
      offsets.map((_, index) => index),
      `partition ${partition} in its order, each once`,
    )
  }
  assert.equal(pod.meters.process.rebalances.assigned, 1)
  assert.equal(pod.meters.topic(topic).failedRecords.size, 0)
  await until(
    async () => (await embedded.committed('outage', topic)).join() === '250,200,200',
    'commits',
  )
})
