import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consuming, type Joined, numbered, until, useKafka } from '../../harness.ts'

const embedded = useKafka()
const LONG = { sessionTimeout: 600_000, rebalanceTimeout: 600_000 }

const generations = (members: readonly Joined[]) => members.map((m) => m.member.view.generation)
const settled = (members: readonly Joined[], expected: readonly number[]) =>
  until(
    () => String(members.map((m) => m.partitions().length)) === String(expected),
    () => `partitions ${expected}, have ${members.map((m) => m.partitions().length)}`,
  )

async function leaderOf(topic: string, ...names: string[]) {
  await embedded.createTopic(topic, 4)
  return names.map((name) => ({ groupInstanceId: name, topics: [topic], groupId: topic, ...LONG }))
}

test('static members: a restart within the session moves nothing, and nobody else notices', async (t) => {
  const [one, two] = await leaderOf('static', 'pod-0', 'pod-1')
  await embedded.produce('static', numbered(5), 0)
  const service = consuming(t, embedded, { member: {} })
  const a = service.join(one)
  await settled([a], [4])
  const b = service.join(two)
  await settled([a, b], [2, 2])
  /** Restarts one, and says what the group made of it. */
  async function restart(old: Joined, other: Joined, options: typeof one) {
    const before = generations([old, other])
    const had = old.partitions()
    const rounds = () =>
      service.lines.filter(({ fields }) => fields.event === 'group.rebalanced').length
    const roundsBefore = rounds()
    await old.leave()
    assert.deepEqual(service.engine.partitions().length, 2, 'the other keeps its own')
    const back = service.join(options)
    await settled([back, other], [2, 2])
    assert.deepEqual(back.partitions(), had)
    assert.deepEqual(generations([back, other]), before, 'nobody has rejoined')
    assert.equal(rounds(), roundsBefore + 1, 'its own, and no other')
    return back
  }
  const follower = await restart(b, a, two)
  const leader = await restart(a, follower, one)
  await restart(follower, leader, two)
  assert.equal(service.handled.length, 5, 'nothing came twice')
})

test('partitions that are added after a static leader was restarted are read all the same', async (t) => {
  const [one, two] = await leaderOf('grows', 'pod-0', 'pod-1')
  const service = consuming(t, embedded, { member: { metadataMaxAge: 500 } })
  const a = service.join(one)
  await settled([a], [4])
  const b = service.join(two)
  await settled([a, b], [2, 2])
  await a.leave()
  const back = service.join(one)
  await settled([back, b], [2, 2])
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'grows', count: 6 }] })
  await settled([back, b], [3, 3])
  await embedded.produce('grows', ['first of 5'], 5)
  await until(() => service.handled.length === 1, 'its record')
})

test('partitions that were added while the only static member was away are read when it is back', async (t) => {
  const [one] = await leaderOf('alone', 'pod-0')
  const service = consuming(t, embedded, { member: { metadataMaxAge: 500 } })
  const a = service.join(one)
  await settled([a], [4])
  await a.leave()
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'alone', count: 5 }] })
  const back = service.join(one)
  await settled([back], [5])
})

test('two members with one name: the older one is fenced, reports it and ends; the newer continues', async (t) => {
  const [one] = await leaderOf('named', 'pod-0')
  await embedded.produce('named', numbered(10), 0)
  const service = consuming(t, embedded, { member: {} })
  const older = service.join(one)
  await until(() => service.handled.length === 10, 'the records')
  await until(async () => (await embedded.committed('named', 'named'))[0] === 10, 'the commit')
  const newer = service.join(one)
  await assert.rejects(older.running, {
    code: 'OCC_INSTANCE_FENCED',
    message: /group "named" has taken kafka\.groupInstanceId "pod-0".*StatefulSet/,
  })
  await older.member.stop(5_000)
  await embedded.produce('named', ['later'], 0)
  await until(() => service.values().includes('later'), 'what comes later')
  assert.equal(newer.partitions().length, 4)
  await until(
    async () => (await embedded.committed('named', 'named'))[0] === 11,
    'the newer commit',
  )
})
