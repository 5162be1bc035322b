import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK, type Outcome } from '../../../src/kernel/shapes/outcome.ts'
import { type Consuming, consuming, numbered, until, useKafka } from '../harness.ts'
import { runHere } from '../service/process.ts'

const embedded = useKafka()

async function makeAnew(topic: string, values: readonly string[]): Promise<void> {
  await embedded.admin.deleteTopics({ topics: [topic] })
  await until(async () => !(await embedded.admin.listTopics()).includes(topic), 'its end')
  await embedded.createTopic(topic)
  await embedded.produce(topic, values)
}

/** It was noticed, counted and said, once. */
async function noticed({ lines, meters }: Consuming, topic: string): Promise<void> {
  const said = () => lines.filter(({ fields }) => fields.event === 'offsets.reset')
  await until(() => said().length > 0, 'it to be noticed')
  assert.equal(said().length, 1)
  assert.match(said()[0]?.text ?? '', /was recreated .*Continuing at its first record, 0/)
  assert.equal(meters.topic(topic).fetchErrors.get('TOPIC_MADE_ANEW'), 1)
  assert.equal(meters.topic(topic).recordsLost, 0)
}

test('a topic recreated while an operator has paused it is noticed, and read from its first record', async (t) => {
  await embedded.createTopic('paused')
  await embedded.produce('paused', numbered(20, 'old'))
  const service = consuming(t, embedded, { member: { groupId: 'paused', topics: ['paused'] } })
  const first = service.join()
  await until(() => service.handled.length === 20, 'the old records')
  await until(async () => (await embedded.committed('paused', 'paused'))[0] === 20, 'their commit')
  const target = { topic: 'paused' }
  service.engine.hold([target])
  // As many as before: by the offsets alone nobody could tell.
  await makeAnew('paused', numbered(30, 'new'))
  await noticed(service, 'paused')
  assert.equal(service.handled.length, 20)
  service.engine.hold([])
  await until(() => service.handled.length === 50, 'the new records')
  assert.deepEqual(service.values().slice(20), numbered(30, 'new'))
  await until(async () => (await embedded.committed('paused', 'paused'))[0] === 30, 'the commit')
  await first.leave()
  await service.join().joined()
  await embedded.produce('paused', ['later'])
  await until(() => service.values().includes('later'), 'what comes later')
  assert.equal(service.handled.length, 51)
})

test('lag and groups know that a topic was recreated, however much is in the new one', async (t) => {
  await embedded.createTopic('stopped')
  await embedded.produce('stopped', numbered(20, 'old'))
  const service = consuming(t, embedded, { member: { groupId: 'stopped', topics: ['stopped'] } })
  const joined = service.join()
  await until(async () => (await embedded.committed('stopped', 'stopped'))[0] === 20, 'the commit')
  await joined.leave()
  const asked = { groupId: 'stopped', topics: ['stopped'] }
  const [then] = await embedded.admin.fetchOffsets(asked)
  await makeAnew('stopped', numbered(30, 'new'))
  // Kafka forgets the offset with its topic, if it notices; a copy of the group from elsewhere has it.
  const member = embedded.client.consumer({ groupId: 'stopped' })
  await member.connect()
  await member.subscribe({ topic: 'stopped' })
  const joinedAgain = new Promise((resolve) => member.on('consumer.group_join', resolve))
  await member.run({ autoCommit: false, async eachMessage() {} })
  await joinedAgain
  const metadata = then?.partitions[0]?.metadata ?? null
  await member.commitOffsets([{ topic: 'stopped', partition: 0, offset: '20', metadata }])
  await member.disconnect()
  const args = ['--group', 'stopped', '--brokers', embedded.kafka.brokers.plaintext]
  const json = await runHere(['lag', '--over', '0s', '--json', ...args])
  const [partition] = JSON.parse(json.stdout).partitions
  assert.deepEqual([partition.committed, partition.lag, partition.recreated], [20, 30, true])
  const { stdout } = await runHere(['lag', '--over', '0s', ...args])
  assert.match(stdout, /^stopped\/0: the topic was deleted and made anew since its offset/m)
  const groups = await runHere(['groups', '--json', ...args])
  assert.equal(JSON.parse(groups.stdout).lag, 30)
  const plan = ['--topic', 'stopped', '--all-partitions', '--to', 'END', '--json']
  const planned = await runHere(['offsets', 'plan', ...plan, ...args])
  assert.equal(JSON.parse(planned.stdout).partitions[0].committed, null)
})

test('a topic recreated while its queue is full: what is there is handled, then all of the new one', async (t) => {
  await embedded.createTopic('queued')
  const old = numbered(1_000, 'old').map((value) => value.padEnd(300, '.'))
  for (let at = 0; at < old.length; at += 100)
    await embedded.produce('queued', old.slice(at, at + 100))
  const held = Promise.withResolvers<Outcome>()
  const service = consuming(t, embedded, {
    member: {
      groupId: 'queued',
      topics: ['queued'],
      fetch: { minBytes: 1, maxBytes: 40_000, maxBytesPerPartition: 40_000, maxWait: 100 },
    },
    maxRecordsPerPartition: 200,
    process: () => (service.handled.length === 0 ? held.promise : OK),
  })
  service.join()
  const status = () => service.engine.partitions()[0]
  await until(() => status()?.paused === true, 'the queue to be full')
  await makeAnew('queued', numbered(1_500, 'new'))
  await noticed(service, 'queued')
  held.resolve(OK)
  await until(
    async () => (await embedded.committed('queued', 'queued'))[0] === 1_500,
    () => `all of the new one, ${JSON.stringify(status())}`,
  )
  const values = service.values()
  const fromOld = values.filter((value) => value.startsWith('old'))
  assert.ok(fromOld.length >= 200 && fromOld.length < 1_000, `${fromOld.length} of the old one`)
  assert.deepEqual(fromOld, old.slice(0, fromOld.length))
  assert.deepEqual(values.slice(fromOld.length), numbered(1_500, 'new'))
})
