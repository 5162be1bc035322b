import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import { OK } from '../../../../src/kernel/shapes/outcome.ts'
import { consuming, type Joined, numbered, until, useKafka } from '../../harness.ts'

const embedded = useKafka()

const sizes = (members: readonly Joined[]) => members.map((m) => m.partitions().length).sort()
const settled = (members: readonly Joined[], expected: readonly number[]) =>
  until(
    () => String(sizes(members)) === String(expected) && members.every(isJoined),
    () => `partitions ${expected}, have ${sizes(members)}`,
  )
const isJoined = ({ member }: Joined) => member.view.state === 'joined'

test('members share the partitions; joining and leaving move no more than an even split needs', async (t) => {
  await embedded.createTopic('shared', 6)
  const service = consuming(t, embedded, { member: { groupId: 'shared', topics: ['shared'] } })
  const [a, b] = [service.join(), service.join()]
  await settled([a, b], [3, 3])
  const before = [a.partitions(), b.partitions()]

  const c = service.join()
  await settled([a, b, c], [2, 2, 2])
  const kept = [a, b].map((m, index) => m.partitions().filter((p) => before[index]?.includes(p)))
  assert.deepEqual(
    kept.map((partitions) => partitions.length),
    [2, 2],
    'only two moved',
  )

  const remaining = [a.partitions(), b.partitions()]
  await c.leave()
  await settled([a, b], [3, 3])
  for (const [index, member] of [a, b].entries()) {
    const lost = remaining[index]?.filter((p) => !member.partitions().includes(p))
    assert.deepEqual(lost, [], 'who stays keeps what it has')
  }
})

test('several topics are shared as one', async (t) => {
  await embedded.createTopic('several-a', 3)
  await embedded.createTopic('several-b', 3)
  const topics = ['several-a', 'several-b']
  const service = consuming(t, embedded, { member: { groupId: 'several', topics } })
  const members = [service.join(), service.join(), service.join()]
  await settled(members, [2, 2, 2])
  for (const topic of topics) await embedded.produce(topic, [`of ${topic}`], 2)
  await until(() => service.handled.length === 2, 'a record of each topic')
  assert.deepEqual(service.values().sort(), ['of several-a', 'of several-b'])
})

test('a member that reads more topics than the older one that leads is given all of them', async (t) => {
  await embedded.createTopic('union-old', 2)
  await embedded.createTopic('union-new', 2)
  const service = consuming(t, embedded, { member: { groupId: 'union' } })
  const older = service.join({ topics: ['union-old'] })
  await settled([older], [2])
  const newer = service.join({ topics: ['union-old', 'union-new'] })
  for (const partition of [0, 1]) {
    await embedded.produce('union-old', numbered(30, `old-${partition}`), partition)
    await embedded.produce('union-new', numbered(30, `new-${partition}`), partition)
  }
  await until(
    () => service.handled.length === 120,
    () => `120 records, ${service.handled.length}`,
  )
  const topicsOf = (name: string) =>
    service.engine.partitions().flatMap((each) => (each.member === name ? [each.topic] : []))
  const { id } = newer.member.view
  assert.equal(topicsOf(id).filter((topic) => topic === 'union-new').length, 2)
  // Who leads has to notice what happens to topics that it does not read itself, too.
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'union-new', count: 3 }] })
  await until(
    () => topicsOf(id).filter((topic) => topic === 'union-new').length === 3,
    'the partition that was added',
  )
})

test('a member too many is joined, idle and ready, and takes over when one leaves', async (t) => {
  await embedded.createTopic('few', 1)
  const service = consuming(t, embedded, { member: { groupId: 'few', topics: ['few'] } })
  const members = [service.join(), service.join()]
  await settled(members, [0, 1])
  const [idle, busy] = members.toSorted((x, y) => x.partitions().length - y.partitions().length)
  assert.ok(idle !== undefined && busy !== undefined)
  assert.equal(idle.member.view.reason, null)
  await busy.leave()
  await settled([idle], [1])
  await embedded.produce('few', ['for the second'])
  await until(() => service.handled.length === 1, 'the record')
})

test('a commit of a partition that went to another member moves nothing', async (t) => {
  await embedded.createTopic('fenced', 2)
  await embedded.produce('fenced', numbered(10), 0)
  const service = consuming(t, embedded, { member: { groupId: 'fenced', topics: ['fenced'] } })
  const a = service.join()
  await until(() => service.handled.length === 10, 'ten records')
  const b = service.join()
  await settled([a, b], [1, 1])
  assert.deepEqual(await embedded.committed('fenced', 'fenced'), [10, 0])
  for (const partition of b.partitions()) {
    await a.member.commit([{ topic: 'fenced', partition, offset: 3, metadata: '', finished: [] }])
  }
  assert.deepEqual(await embedded.committed('fenced', 'fenced'), [10, 0])
})

test('what is in flight at a rebalance is finished and committed before another reads on', async (t) => {
  await embedded.createTopic('in-hand', 4)
  for (let partition = 0; partition < 4; partition++) {
    await embedded.produce('in-hand', numbered(12, `of-${partition}`), partition)
  }
  const running = new Map<number, number>()
  let overlaps = 0
  const service = consuming(t, embedded, {
    member: { groupId: 'in-hand', topics: ['in-hand'] },
    // Never by the timer: only the commit at the rebalance keeps the next owner from repeating.
    commitInterval: 3_600_000,
    async process({ partition }) {
      const others = running.get(partition) ?? 0
      if (others > 0) overlaps += 1
      running.set(partition, others + 1)
      await sleep(300)
      running.set(partition, (running.get(partition) ?? 0) - 1)
      return OK
    },
  })
  const a = service.join()
  await until(() => service.handled.length >= 4, 'the first records')
  const b = service.join()
  await settled([a, b], [2, 2])
  await until(() => service.handled.length >= 24, 'half of the records')
  await b.leave()
  await until(
    () => service.handled.length >= 48,
    () => `48 records, ${service.handled.length}`,
  )
  assert.equal(new Set(service.values()).size, 48, 'each record')
  assert.equal(service.handled.length, 48, 'none of them twice')
  assert.equal(overlaps, 0, 'a partition is handled by one member at a time')
})
