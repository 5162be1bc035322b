import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { Links } from '../../../../src/broker/cluster/links.ts'
import { Metadata } from '../../../../src/broker/cluster/metadata.ts'
import { code } from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'

interface Answer {
  /** null: the broker does not know the topic. */
  readonly topicId: string | null
  readonly leader?: number
  readonly partitions?: number
  readonly error?: number
}

/** What the brokers answer about the topic `t`, in this order. */
async function ask(t: TestContext, answers: readonly Answer[]): Promise<Metadata> {
  const left = [...answers]
  const links = {
    setBrokers() {},
    async ask() {
      const [found] = left
      if (found === undefined) throw new Error('one question too many')
      left.shift()
      const { topicId, leader = 1, partitions = topicId === null ? 0 : 2 } = found
      const { error = topicId === null ? code.UNKNOWN_TOPIC_OR_PARTITION : code.NONE } = found
      const list = Array.from({ length: partitions }, (_, partition) => {
        return { partition, leader, leaderEpoch: 0, replicas: [], inSync: [] }
      })
      return { brokers: [], topics: [{ topic: 't', topicId, error, partitions: list }] }
    },
  } as unknown as Links
  const metadata = new Metadata(links, 60_000, systemClock, silentLog, () => {})
  t.after(() => metadata.stop())
  metadata.watch(['t'])
  while (left.length > 0) await metadata.refresh()
  return metadata
}

const leaderOf = (metadata: Metadata) => metadata.partition({ topic: 't', partition: 0 })?.leader

test('a topic that was made anew is taken for that once two answers say so', async (t) => {
  const metadata = await ask(t, [{ topicId: 'old' }, { topicId: 'new' }, { topicId: 'new' }])
  assert.equal(metadata.topic('t')?.topicId, 'new')
})

test('a broker that lags behind, and names a deleted topic, does not hide the one that there is', async (t) => {
  const metadata = await ask(t, [
    { topicId: 'new' },
    { topicId: 'old' },
    { topicId: 'new' },
    { topicId: 'new', leader: 2 },
  ])
  assert.deepEqual([metadata.topic('t')?.topicId, leaderOf(metadata)], ['new', 2])
})

test('nor where there was no topic in between', async (t) => {
  const metadata = await ask(t, [
    { topicId: 'old' },
    { topicId: null },
    { topicId: null },
    { topicId: 'new' },
    { topicId: 'new' },
    { topicId: 'old' },
    { topicId: 'new', leader: 2 },
  ])
  assert.deepEqual([metadata.topic('t')?.topicId, leaderOf(metadata)], ['new', 2])
})

test('a broker that lags behind, and does not know a topic, takes nothing away', async (t) => {
  const metadata = await ask(t, [{ topicId: 'one' }, { topicId: null }, { topicId: 'one' }])
  assert.deepEqual(metadata.partitionsOf('t'), [0, 1])
})

test('a broker that lags behind, and does not name partitions that were added, takes none away', async (t) => {
  const metadata = await ask(t, [
    { topicId: 'one', partitions: 4 },
    { topicId: 'one', partitions: 2 },
  ])
  assert.deepEqual(metadata.partitionsOf('t'), [0, 1, 2, 3])
})

test('a topic that may not be seen any more keeps its partitions', async (t) => {
  const metadata = await ask(t, [
    { topicId: 'one' },
    { topicId: null, error: code.TOPIC_AUTHORIZATION_FAILED },
  ])
  assert.deepEqual(metadata.partitionsOf('t'), [0, 1])
  assert.equal(metadata.topic('t')?.error, code.TOPIC_AUTHORIZATION_FAILED)
})
