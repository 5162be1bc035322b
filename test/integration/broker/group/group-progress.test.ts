import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Links } from '../../../../src/broker/cluster/links.ts'
import { Coordinator } from '../../../../src/broker/group/coordinator.ts'
import { createGroupReader } from '../../../../src/broker/group-state/reader.ts'
import { offsetCommitApi } from '../../../../src/broker/protocol/index.ts'
import type { BrokerOptions, MemberOptions } from '../../../../src/broker/types.ts'
import { createGroupProgress } from '../../../../src/group/progress.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import type { GroupProgress } from '../../../../src/observe/types.ts'
import { brokerOptions, consuming, numbered, until, useOwnKafka } from '../../harness.ts'

const embedded = useOwnKafka()

interface Watched {
  readonly broker?: BrokerOptions
  readonly groupId: string
  readonly topics?: readonly string[]
  readonly autoOffsetReset?: MemberOptions['autoOffsetReset']
}

/** Reads the group every 100 ms until the test ends. */
function watch(t: TestContext, options: Watched) {
  const {
    groupId,
    topics = [groupId],
    autoOffsetReset = 'earliest',
    broker = embedded.broker,
  } = options
  const readings: GroupProgress[] = []
  const errors: string[] = []
  const group = createGroupProgress(
    createGroupReader(broker, { topics, groupId }, silentLog),
    { interval: 100, window: 60_000, autoOffsetReset, readUncommitted: false },
    {
      updated: (progress) => readings.push(progress),
      failed: ({ code }) => errors.push(code),
    },
    systemClock,
    silentLog,
  )
  group.start()
  t.after(() => group.stop())
  const latest = () => readings.at(-1)
  return {
    group,
    errors,
    latest,
    readings,
    shows: (fits: (progress: GroupProgress) => boolean, what: string) =>
      until(
        () => {
          const progress = latest()
          return progress !== undefined && fits(progress)
        },
        () => `${what}; it is ${JSON.stringify(latest())}, ${group.problem()}`,
      ),
  }
}

test('the lag of the whole group: all partitions and topics of all members', async (t) => {
  await embedded.createTopic('total-a', 3)
  await embedded.createTopic('total-b', 2)
  await embedded.produce('total-a', numbered(10), 0)
  await embedded.produce('total-a', numbered(20), 2)
  await embedded.produce('total-b', numbered(5), 1)
  const topics = ['total-a', 'total-b']
  const watched = watch(t, { groupId: 'total', topics })
  await watched.shows(({ lag }) => lag === 35, 'everything that is kept')
  assert.deepEqual(watched.latest()?.partitionsByTopic, { 'total-a': 3, 'total-b': 2 })
  assert.equal(watched.latest()?.partitions, 5)
  assert.equal(watched.latest()?.members, 0)

  const service = consuming(t, embedded, { member: { groupId: 'total', topics } })
  service.join()
  service.join()
  await watched.shows(
    ({ lag, members, idleMembers }) => lag === 0 && members === 2 && idleMembers === 0,
    'two members that have read everything',
  )
  await embedded.produce('total-b', numbered(5), 0)
  await watched.shows(
    ({ lag, consumeRate, produceRate }) =>
      lag === 0 && (consumeRate ?? 0) > 0 && (produceRate ?? 0) > 0,
    'the rates',
  )
})

test('latest: records from before the first commit are not lag, later ones are', async (t) => {
  await embedded.createTopic('latest', 1)
  await embedded.produce('latest', numbered(7))
  const watched = watch(t, { groupId: 'latest', autoOffsetReset: 'latest' })
  await watched.shows(({ lag }) => lag === 0, 'no lag')
  const service = consuming(t, embedded, {
    member: { groupId: 'latest', topics: ['latest'], autoOffsetReset: 'latest' },
  })
  const joined = service.join()
  await joined.joined()
  await joined.leave()
  await embedded.produce('latest', numbered(3))
  await watched.shows(({ lag }) => lag === 3, 'what came after the first commit')
  await embedded.admin.createPartitions({ topicPartitions: [{ topic: 'latest', count: 2 }] })
  await embedded.produce('latest', numbered(4), 1)
  await watched.shows(({ lag, partitions }) => lag === 7 && partitions === 2, 'the new partition')
})

test('retention is read where it is limited in time', async (t) => {
  await embedded.createTopic('kept-hours', 1, { 'retention.ms': '7200000' })
  await embedded.createTopic('kept-ever', 1, { 'retention.ms': '-1' })
  await embedded.createTopic('kept-keys', 1, { 'cleanup.policy': 'compact' })
  const watched = watch(t, { groupId: 'kept', topics: ['kept-hours', 'kept-ever', 'kept-keys'] })
  await watched.shows(({ partitions }) => partitions === 3, 'all topics')
  assert.deepEqual(watched.latest()?.retentionByTopic, { 'kept-hours': 7_200_000 })
})

test('members without a partition are counted', async (t) => {
  await embedded.createTopic('idle', 1)
  const watched = watch(t, { groupId: 'idle' })
  const service = consuming(t, embedded, { member: { groupId: 'idle', topics: ['idle'] } })
  service.join()
  service.join()
  await watched.shows(({ members, idleMembers }) => members === 2 && idleMembers === 1, 'one idle')
})

test('a topic that is not there is waited for; one that is deleted and recreated is read again', async (t) => {
  await embedded.createTopic('anew-stays', 1)
  await embedded.produce('anew-stays', numbered(2))
  const topics = ['anew', 'anew-stays']
  const watched = watch(t, { groupId: 'anew', topics })
  await watched.shows(({ lag }) => lag === 2, 'the topic that is there')
  await embedded.createTopic('anew', 1)
  await embedded.produce('anew', numbered(9))
  await watched.shows(({ lag }) => lag === 11, 'both topics')
  await embedded.admin.setOffsets({
    groupId: 'anew',
    topic: 'anew',
    partitions: [{ partition: 0, offset: '9' }],
  })
  await watched.shows(({ lag }) => lag === 2, 'what was committed')
  await embedded.admin.deleteTopics({ topics: ['anew'] })
  await watched.shows(({ partitions }) => partitions === 1, 'the topic that stays')
  await embedded.createTopic('anew', 2)
  await embedded.produce('anew', numbered(3))
  await watched.shows(({ lag }) => lag === 5, 'all of the new topic')
  const links = new Links(embedded.broker, silentLog)
  t.after(() => links.close())
  const coordinator = new Coordinator(links, 'anew', systemClock)
  const set = (metadata: string) => {
    const partitions = [{ partition: 0, offset: 2, leaderEpoch: -1, metadata }]
    const nobody = { groupId: 'anew', memberId: '', groupInstanceId: null, generation: -1 }
    const request = { ...nobody, topics: [{ topic: 'anew', partitions }] }
    return coordinator.send(offsetCommitApi, request, 'group', 10_000)
  }
  await set('')
  await watched.shows(({ lag }) => lag === 3, 'what was committed of it')
  await set(JSON.stringify({ topic: 'an-id-of-another-topic' }))
  await watched.shows(
    ({ lag }) => lag === 5,
    'all of it, as the offset is of the one that was deleted',
  )
  const rates = watched.readings.map(({ consumeRate, produceRate }) => [consumeRate, produceRate])
  assert.ok(rates.flat().every((rate) => rate === null || rate >= 0))
})

test('a broker that is away keeps the last value and counts errors, and is read again when it is back', async (t) => {
  await embedded.createTopic('away', 1)
  await embedded.produce('away', numbered(4))
  const watched = watch(t, { groupId: 'away' })
  await watched.shows(({ lag }) => lag === 4, 'the lag')
  await embedded.kafka.stop()
  await until(() => watched.errors.length > 0, 'an error')
  assert.equal(watched.group.progress()?.lag, 4)
  assert.match(watched.group.problem() ?? '', /kafka\.brokers/)
  const { at } = watched.group.progress() ?? assert.fail()
  await embedded.kafka.start()
  await watched.shows((progress) => progress.at > at, 'a new reading')
  assert.equal(watched.group.problem(), null)
  assert.equal(watched.latest()?.lag, 4)
})

test('nobody answers from the start: a reason instead of a value, and an end that does not hang', async (t) => {
  const broker = brokerOptions('127.0.0.1:1', { protocol: 'PLAINTEXT' })
  const watched = watch(t, { groupId: 'nobody', broker })
  await until(() => watched.errors.includes('OCC_BROKER_UNREACHABLE'), 'the error')
  assert.equal(watched.group.progress(), null)
  assert.match(watched.group.problem() ?? '', /no broker answers there/)
  await watched.group.stop()
})
