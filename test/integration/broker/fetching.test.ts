import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK, type Outcome } from '../../../src/kernel/shapes/outcome.ts'
import { consuming, numbered, until, useKafka } from '../harness.ts'

const embedded = useKafka()

test('a partition whose handler hangs does not hold up its neighbours', async (t) => {
  await embedded.createTopic('hanging', 3)
  for (let partition = 0; partition < 3; partition++) {
    await embedded.produce('hanging', numbered(200, `of-${partition}`), partition)
  }
  const hang = Promise.withResolvers<Outcome>()
  const service = consuming(t, embedded, {
    member: { groupId: 'hanging', topics: ['hanging'] },
    maxRecordsPerPartition: 50,
    process: ({ partition }) => (partition === 1 ? hang.promise : OK),
  })
  service.join()
  await until(() => service.handled.length === 400, 'both neighbours to be read to their end')
  await embedded.produce('hanging', ['later'], 2)
  await until(() => service.values().includes('later'), 'what comes later')
  const stuck = service.engine.partitions().find(({ partition }) => partition === 1)
  assert.equal(stuck?.inFlight, 1)
  assert.equal(stuck?.paused, true)
  await until(
    async () => String(await embedded.committed('hanging', 'hanging')) === '200,0,201',
    'the commits of the neighbours, and none of the one that hangs',
  )
  hang.resolve(OK)
  await until(() => service.handled.length === 601, 'the partition that hung')
})

test('a full queue pauses its partition; nothing is lost or repeated by that', async (t) => {
  await embedded.createTopic('full')
  const values = numbered(5_000).map((value) => value.padEnd(300, '.'))
  for (let start = 0; start < values.length; start += 100) {
    await embedded.produce('full', values.slice(start, start + 100))
  }
  let most = 0
  const service = consuming(t, embedded, {
    member: {
      groupId: 'full',
      topics: ['full'],
      // A fetch brings about a hundred records: the queue fills up again and again.
      fetch: { minBytes: 1, maxBytes: 40_000, maxBytesPerPartition: 40_000, maxWait: 100 },
    },
    maxRecordsPerPartition: 300,
    // Slower than fetching: continues only while the queue is full, or all is fetched.
    async process() {
      const status = () => service.engine.partitions()[0]
      while (!status()?.paused && !status()?.caughtUp) await new Promise(setImmediate)
      most = Math.max(most, status()?.queueRecords ?? 0)
      return OK
    },
  })
  service.join()
  await until(() => service.handled.length >= values.length, 'all records')
  assert.deepEqual(service.values(), values)
  const { pauses } = service.meters.process
  assert.ok(pauses > 10, `paused ${pauses} times`)
  assert.ok(most < 700, `the queue held ${most} records`)
})

test('a busy partition that was paused does not wait for its idle neighbours', async (t) => {
  await embedded.createTopic('busy', 3)
  const values = numbered(5_000).map((value) => value.padEnd(300, '.'))
  for (let start = 0; start < values.length; start += 100) {
    await embedded.produce('busy', values.slice(start, start + 100), 0)
  }
  const service = consuming(t, embedded, {
    member: {
      groupId: 'busy',
      topics: ['busy'],
      // The brokers may hold back a fetch of the idle partitions for 20 s, and each pause leaves
      // such a fetch under way: with ten pauses that would be minutes.
      fetch: { minBytes: 1, maxBytes: 40_000, maxBytesPerPartition: 40_000, maxWait: 20_000 },
    },
    maxRecordsPerPartition: 300,
    async process({ partition }) {
      const status = () => service.engine.partitions().find((each) => each.partition === partition)
      while (!status()?.paused && !status()?.caughtUp) await new Promise(setImmediate)
      return OK
    },
  })
  service.join()
  await until(() => service.handled.length >= values.length, 'all records')
  assert.ok(service.meters.process.pauses > 10)
})

test('transactions: aborted records are not handed on, and the lag goes to 0 all the same', async (t) => {
  await embedded.createTopic('transactions')
  const producer = embedded.client.producer({ transactionalId: 'tx', maxInFlightRequests: 1 })
  await producer.connect()
  t.after(() => producer.disconnect())
  const transact = async (value: string, end: 'commit' | 'abort') => {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'transactions', messages: [{ value }] })
    await transaction[end]()
  }
  await transact('kept', 'commit')
  const service = consuming(t, embedded, { member: { groupId: 'tx', topics: ['transactions'] } })
  service.join()
  await until(() => service.handled.length === 1, 'the record that is kept')
  // By itself, so that a fetch brings nothing but what is filtered out.
  await transact('aborted', 'abort')
  const status = () => service.engine.partitions()[0]
  await until(
    () => status()?.committedOffset === 4 && status()?.lag === 0,
    () => `it to pass two records and two markers, ${JSON.stringify(status())}`,
  )
  assert.deepEqual(service.values(), ['kept'])
  assert.deepEqual(await embedded.committed('tx', 'transactions'), [4])

  const all = consuming(t, embedded, {
    member: { groupId: 'tx-all', topics: ['transactions'], readUncommitted: true },
  })
  all.join()
  await until(() => all.handled.length === 2, 'the aborted record as well')
})

test('reaching the end of a partition is an event, and no error', async (t) => {
  await embedded.createTopic('ending')
  await embedded.produce('ending', numbered(3))
  const service = consuming(t, embedded, { member: { groupId: 'ending', topics: ['ending'] } })
  const member = service.join()
  await until(() => service.meters.process.caughtUp === 1, 'the end')
  await embedded.produce('ending', numbered(3))
  await until(() => service.handled.length === 6, 'what comes later')
  assert.equal(member.member.view.state, 'joined')
  assert.deepEqual(
    service.lines.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  )
  assert.ok(service.lines.some(({ fields }) => fields.event === 'partition.end-reached'))
})

test('tombstones, keys and headers arrive as they were sent', async (t) => {
  await embedded.createTopic('shapes')
  const headers = { single: 'one', several: ['one', 'two'] }
  await embedded.send('shapes', [{ key: 'key', value: null, headers }])
  const service = consuming(t, embedded, { member: { groupId: 'shapes', topics: ['shapes'] } })
  service.join()
  await until(() => service.handled.length === 1, 'the tombstone')
  const [record] = service.handled
  assert.equal(record?.value, null)
  assert.equal(String(record?.key), 'key')
  assert.equal(String(record?.headers?.['single']), 'one')
  assert.equal(String(record?.headers?.['several']), 'one,two')
})

test('that nothing new came is an answer: the end of an idle partition does not grow old', async (t) => {
  await embedded.createTopic('idle')
  await embedded.produce('idle', ['one'])
  const service = consuming(t, embedded, { member: { groupId: 'idle', topics: ['idle'] } })
  service.join()
  await until(() => service.handled.length === 1, 'the record')
  const status = () => service.engine.partitions()[0]
  const first = status()?.endKnownAt ?? Date.now()
  await until(
    () => (status()?.endKnownAt ?? 0) > first + 2_000,
    () => `the end to be confirmed, ${JSON.stringify(status())}`,
  )
  assert.equal(status()?.endOffset, 1)
  assert.equal(status()?.caughtUp, true)
})
