import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consuming, numbered, until, useKafka } from '../../harness.ts'

const embedded = useKafka()

test('earliest reads what was there; the start is committed before any record is handled', async (t) => {
  await embedded.createTopic('earliest', 2)
  await embedded.produce('earliest', numbered(5))
  const { promise: hold, resolve: letGo } = Promise.withResolvers<{ kind: 'ok' }>()
  const group = { groupId: 'earliest', topics: ['earliest'] }
  const service = consuming(t, embedded, { member: group, process: () => hold })
  await service.join().joined()
  assert.deepEqual(await embedded.committed('earliest', 'earliest'), [0, 0])
  assert.equal(service.handled.length, 0)
  const listed = await embedded.kafka.tools.consumerGroups(['--describe', '--group', 'earliest'])
  assert.match(listed.stdout, /earliest\s+earliest\s+0\s+0\s+5\s+5/)
  letGo({ kind: 'ok' })
  await until(() => service.handled.length === 5, 'five records')
  assert.deepEqual(service.values(), numbered(5))
})

test('latest begins at the end, and what comes later is read', async (t) => {
  await embedded.createTopic('latest')
  await embedded.produce('latest', numbered(7, 'old'))
  const group = { groupId: 'latest', topics: ['latest'], autoOffsetReset: 'latest' } as const
  const service = consuming(t, embedded, { member: group })
  await service.join().joined()
  assert.deepEqual(await embedded.committed('latest', 'latest'), [7])
  await embedded.produce('latest', ['new'])
  await until(() => service.handled.length > 0, 'the new record')
  assert.deepEqual(service.values(), ['new'])
})

test('none refuses to guess, and says what to do', async (t) => {
  await embedded.createTopic('none', 2)
  const group = { groupId: 'none', topics: ['none'], autoOffsetReset: 'none' } as const
  const service = consuming(t, embedded, { member: group })
  const refused = service.join()
  await assert.rejects(refused.running, {
    code: 'OCC_NO_OFFSET',
    message: /group "none".*none partition 0, 1.*earliest or latest/,
  })
  // As its owner does.
  await refused.member.stop(5_000)
  const settled = service.join({ autoOffsetReset: 'earliest' })
  await settled.joined()
  await settled.leave()
  await service.join().joined()
})

test('partitions added later are read from their first record, even with latest', async (t) => {
  await embedded.createTopic('grown', 1)
  await embedded.produce('grown', numbered(3, 'old'))
  const group = { groupId: 'grown', topics: ['grown'], autoOffsetReset: 'latest' } as const
  const service = consuming(t, embedded, { member: { ...group, metadataMaxAge: 300 } })
  const joined = service.join()
  await joined.joined()
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'grown', count: 3 }] })
  await embedded.produce('grown', ['first of 1'], 1)
  await embedded.produce('grown', ['first of 2'], 2)
  await until(() => joined.partitions().length === 3, 'the added partitions')
  await until(() => service.handled.length === 2, 'the first records of the added partitions')
  assert.deepEqual(service.values().sort(), ['first of 1', 'first of 2'])
})

test('partitions added while nobody consumed are read from their first record', async (t) => {
  await embedded.createTopic('grown-away', 2)
  const group = { groupId: 'away', topics: ['grown-away'], autoOffsetReset: 'latest' } as const
  const service = consuming(t, embedded, { member: group })
  const before = service.join()
  await before.joined()
  await before.leave()
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'grown-away', count: 3 }] })
  await embedded.produce('grown-away', ['only one'], 2)
  await service.join().joined()
  await until(() => service.handled.length === 1, 'the record of the added partition')
  assert.deepEqual(service.values(), ['only one'])
})

test('three members that join at once with latest do not replay what is old', async (t) => {
  await embedded.createTopic('at-once', 6)
  for (let partition = 0; partition < 6; partition++) {
    await embedded.produce('at-once', numbered(20, 'old'), partition)
  }
  const group = { groupId: 'at-once', topics: ['at-once'], autoOffsetReset: 'latest' } as const
  const service = consuming(t, embedded, { member: group })
  const members = [service.join(), service.join(), service.join()]
  await until(() => members.every((m) => m.partitions().length === 2), 'two partitions each')
  for (let partition = 0; partition < 6; partition++) {
    await embedded.produce('at-once', [`new-${partition}`], partition)
  }
  await until(() => service.handled.length >= 6, 'the new records')
  assert.deepEqual(service.values().sort(), numbered(6, 'new'))
  assert.deepEqual(
    await embedded.committed('at-once', 'at-once').then((all) => Math.min(...all) >= 20),
    true,
  )
})

for (const [what, partitions, level, text] of [
  ['all of them', '', 'info', /forgotten-0 partition 0, 1: it is new, or its offsets have expired/],
  [
    'some of them',
    ':1',
    'warn',
    /-1 partition 1: its offsets for partition 1 have expired \(offsets\.ret/,
  ],
] as const) {
  test(`a group whose offsets are gone, ${what}, says so at its start`, async (t) => {
    const topic = `forgotten-${partitions.length / 2}`
    await embedded.createTopic(topic, 2)
    for (const partition of [0, 1])
      await embedded.produce(topic, numbered(5, `of-${partition}`), partition)
    const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
    const first = service.join()
    await until(() => service.handled.length === 10, 'all records')
    await first.leave()
    assert.deepEqual(await embedded.committed(topic, topic), [5, 5])
    const forget = ['--delete-offsets', '--group', topic, '--topic', `${topic}${partitions}`]
    const forgotten = await embedded.kafka.tools.consumerGroups(forget)
    assert.equal(forgotten.code, 0, forgotten.stdout)
    const from = service.lines.length
    service.join()
    const again = partitions === '' ? 10 : 5
    await until(() => service.handled.length === 10 + again, 'them to be read again')
    const begun = service.lines.slice(from).filter(({ fields }) => fields.event === 'offsets.begun')
    assert.deepEqual([begun.length, begun[0]?.level], [1, level])
    assert.match(begun[0]?.text ?? '', text)
    assert.match(begun[0]?.text ?? '', /Starting at the first record \(kafka\.autoOffsetReset: ear/)
  })
}

test('with latest a group whose offsets are gone in part warns that what is there is skipped', async (t) => {
  await embedded.createTopic('skipped', 2)
  const group = { groupId: 'skipped', topics: ['skipped'], autoOffsetReset: 'latest' } as const
  const service = consuming(t, embedded, { member: group })
  const first = service.join()
  await first.joined()
  await first.leave()
  const forget = ['--delete-offsets', '--group', 'skipped', '--topic', 'skipped:0']
  assert.equal((await embedded.kafka.tools.consumerGroups(forget)).code, 0)
  const second = service.join()
  // A member has joined when it reads one partition; this is about the other one.
  await until(() => second.partitions().length === 2, 'both partitions')
  const warned = service.lines.filter(({ level }) => level === 'warn').at(-1)
  assert.match(
    warned?.text ?? '',
    /skipped partition 0: its offsets .*at the end, skipping existing records/,
  )
})
