import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { numbered, until, useKafka } from '../harness.ts'
import {
  plainEnvironment,
  type RunningService,
  securedEnvironment,
  startService,
} from './process.ts'

// The broker's own least session would make each kill -9 cost six seconds.
const embedded = useKafka()

interface Partition {
  readonly topic: string
  readonly partition: number
  readonly member: string
  readonly committed: number | null
  readonly lag: number | null
}

async function lag(service: RunningService): Promise<Partition[]> {
  return JSON.parse((await service.get('/lag')).body).partitions
}

/** The partitions that a gauge of /metrics has a series for, with its values. */
async function series(service: RunningService, metric: string): Promise<Map<string, number>> {
  const { body } = await service.get('/metrics')
  const pattern = new RegExp(`^${metric}\\{topic="([^"]*)",partition="(\\d+)"\\} (\\S+)$`, 'gm')
  return new Map(
    [...body.matchAll(pattern)].map(([, topic, n, value]) => [`${topic}/${n}`, Number(value)]),
  )
}

test('three members in one process share six partitions of two topics', async (t) => {
  await embedded.createTopic('first', 4)
  await embedded.createTopic('second', 2)
  const env = await securedEnvironment(t, embedded.kafka, 'first,second')
  const service = startService(t, { ...env, OCC_KAFKA_CONSUMERS: '3' })
  await service.ready()
  // While the members come, partitions move: in rounds, in which some are nobody's for a moment.
  const spread = async () => {
    const partitions = await lag(service)
    return partitions.length === 6 && new Set(partitions.map(({ member }) => member)).size === 3
  }
  await until(spread, 'six partitions, over three members')
  const partitions = await lag(service)
  assert.deepEqual(
    partitions.map(({ topic, partition }) => `${topic}/${partition}`),
    ['first/0', 'first/1', 'first/2', 'first/3', 'second/0', 'second/1'],
  )
  const counts = new Map<string, number>()
  for (const { member } of partitions) counts.set(member, (counts.get(member) ?? 0) + 1)
  assert.deepEqual([...counts].sort(), [
    ['consumer-0', 2],
    ['consumer-1', 2],
    ['consumer-2', 2],
  ])
  for (const { topic, partition } of partitions) {
    await embedded.produce(topic, [`"${topic}/${partition}"`], partition)
  }
  await service.recorded(6)
  assert.deepEqual(
    service
      .records()
      .map(({ value }) => value)
      .sort(),
    ['first/0', 'first/1', 'first/2', 'first/3', 'second/0', 'second/1'],
  )
  assert.equal((await service.end()).code, 0)
  const { groups } = await embedded.admin.describeGroups(['onchain-first-second'])
  assert.deepEqual([groups[0]?.state, groups[0]?.members.length], ['Empty', 0])
})

test('partitions that moved to another process are gone from /metrics; lag is what Kafka says', async (t) => {
  const topic = 'shared'
  await embedded.createTopic(topic, 4)
  for (const partition of [0, 1, 2, 3])
    await embedded.produce(
      topic,
      numbered(5).map((name) => JSON.stringify(name)),
      partition,
    )
  const env = plainEnvironment(t, embedded.kafka, topic)
  const gauge = 'onchain_consumer_partition_lag_records'
  const first = startService(t, env)
  await first.recorded(20)
  await until(async () => (await series(first, gauge)).size === 4, 'four series')
  const second = startService(t, env)
  for (const service of [first, second]) {
    await until(async () => (await series(service, gauge)).size === 2, 'two series each')
  }
  const every = await first.get('/metrics')
  const mine = await series(first, gauge)
  const others = await series(second, gauge)
  assert.deepEqual(
    [...mine.keys(), ...others.keys()].sort(),
    [0, 1, 2, 3].map((n) => `shared/${n}`),
  )
  for (const name of others.keys()) {
    const [, partition] = name.split('/')
    assert.ok(!every.body.includes(`partition="${partition}"`), `${name} is still shown`)
  }
  await embedded.produce(topic, ['"more"', '{broken'], 1)
  await until(async () => {
    const all = [...(await lag(first)), ...(await lag(second))]
    const at = all.find(({ partition }) => partition === 1)
    return at?.committed === 7 && all.every((each) => each.lag === 0)
  }, 'all to be committed')
  const { stdout } = await embedded.kafka.tools.consumerGroups([
    '--describe',
    '--group',
    'onchain-shared',
  ])
  const said = [...stdout.matchAll(/^\S+\s+(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/gm)].map(
    ([, name, partition, , , behind]) => [`${name}/${partition}`, Number(behind)] as const,
  )
  assert.equal(said.length, 4)
  const shown = [...(await series(first, gauge)), ...(await series(second, gauge))]
  assert.deepEqual(new Map(said.sort()), new Map(shown.sort()))
})

test('a topic that does not exist is waited for, said, and consumed once it is there', async (t) => {
  const topic = 'later'
  const service = startService(t, plainEnvironment(t, embedded.kafka, topic))
  await service.logged(({ event }) => event === 'topic.missing', 'it says that it is missing')
  const readyz = await service.get('/readyz')
  assert.equal(readyz.status, 503)
  assert.match(readyz.body, /the topic \\"later\\" does not exist on the brokers; waiting for it/)
  assert.equal((await service.get('/healthz')).status, 200)
  assert.equal((await service.get('/startupz')).status, 503)
  assert.ok(!(await embedded.admin.listTopics()).includes(topic))
  await embedded.createTopic(topic)
  await embedded.produce(topic, ['1'])
  await service.recorded(1)
  await service.ready()
  assert.equal((await service.get('/startupz')).status, 200)
  assert.equal((await service.end()).code, 0)
})

/** Offsets that a service logs until it is killed at the given record, and those of the next. */
async function killedAfter(
  env: Readonly<Record<string, string>>,
  t: TestContext,
  count: number,
  total: number,
) {
  // So slow that it is killed in the middle, however late this process gets its turn.
  const slow = { OCC_PROCESSING_MAX_RECORDS_PER_SECOND: String(Math.ceil(total / 10)) }
  const first = startService(t, { ...env, ...slow })
  await first.recorded(count)
  await first.end('SIGKILL')
  const before = first.records().map(({ offset }) => Number(offset))
  const second = startService(t, env)
  await second.logged(({ offset }) => offset === total - 1, 'the last record')
  await second.end()
  const after = second.records().map(({ offset }) => Number(offset))
  // What was committed has left the process too: the log is not held back in its memory.
  assert.equal(new Set([...before, ...after]).size, total, 'every record was logged')
  return { before, after, repeated: before.filter((offset) => after.includes(offset)).length }
}

test('commit.mode record: after kill -9 at most one record comes again', async (t) => {
  const topic = 'by-record'
  await embedded.createTopic(topic)
  await embedded.produce(
    topic,
    numbered(300).map((name) => JSON.stringify(name)),
  )
  const env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    KAFKA_SESSION_TIMEOUT_MS: '2s',
    OCC_COMMIT_MODE: 'record',
  }
  const { before, repeated } = await killedAfter(env, t, 20, 300)
  assert.ok(before.length < 300, 'it was killed in the middle')
  assert.ok(repeated <= 1, `${repeated} records came again`)
})

test('commit.mode batch: after kill -9 at most one batch comes again', async (t) => {
  const topic = 'by-batch'
  await embedded.createTopic(topic)
  // Four records make a fetch of at most 1 MiB, and a broker may add one batch beyond it.
  const value = JSON.stringify('x'.repeat(250_000))
  for (let count = 0; count < 60; count++) await embedded.produce(topic, [value])
  const env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    KAFKA_SESSION_TIMEOUT_MS: '2s',
    KAFKA_MAX_PARTITION_FETCH_BYTES: '1MiB',
    OCC_COMMIT_MODE: 'batch',
  }
  const { before, repeated } = await killedAfter(env, t, 6, 60)
  assert.ok(before.length < 60, 'it was killed in the middle')
  assert.ok(repeated <= 5, `${repeated} records came again`)
})
