import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Consuming, consuming, numbered, until, useKafka } from '../harness.ts'

const embedded = useKafka({ nodes: 3 })
const node = (id: number) => {
  const found = embedded.kafka.nodes[id - 1]
  assert.ok(found)
  return found
}

/** Replicas on nodes 1 and 2, of which the second may lead without having everything. */
async function createTopic(topic: string): Promise<void> {
  await embedded.kafka.cluster.createTopic(topic, {
    assignments: [[1, 2]],
    config: { 'unclean.leader.election.enable': 'true' },
  })
}

/** A hundred records that both have, fifty that only node 1 has; then node 2 leads, without these. */
async function cutOff(topic: string, readAll: () => Promise<void>): Promise<void> {
  await embedded.produce(topic, numbered(100, 'both'))
  await node(2).kill()
  await embedded.produce(topic, numbered(50, 'gone'))
  await readAll()
  await node(1).kill()
  await node(2).start()
  await until(
    async () => (await embedded.kafka.cluster.leaders(topic)).get(0) === 2,
    'node 2 to lead',
    60_000,
  )
  // More than were cut off: the log ends beyond the position again, and looks as if nothing had been.
  await embedded.produce(topic, numbered(80, 'since'))
}

const readAll = (service: Consuming, topic: string) => async () => {
  await until(() => service.handled.length === 150, 'the records before', 60_000)
  await until(
    async () => (await embedded.committed(topic, topic))[0] === 150,
    'their commit',
    60_000,
  )
}

async function assertAllSince(service: Consuming, topic: string): Promise<void> {
  await until(
    () => service.values().includes('since-79'),
    () => `what was written since, ${JSON.stringify(service.engine.partitions())}`,
    60_000,
  )
  const since = service.values().filter((value) => value.startsWith('since'))
  assert.deepEqual(since, numbered(80, 'since'))
  assert.ok(service.lines.some(({ fields }) => fields.event === 'records.cut'))
  await until(async () => (await embedded.committed(topic, topic))[0] === 180, 'the commit', 60_000)
}

test('a new leader has a shorter log: all that is written since is handled', async (t) => {
  await createTopic('cut')
  const service = consuming(t, embedded, { member: { groupId: 'cut', topics: ['cut'] } })
  await service.join().joined()
  await cutOff('cut', readAll(service, 'cut'))
  await assertAllSince(service, 'cut')
  await node(1).start()
})

test('the log was cut off while nobody read it: the committed epoch tells', async (t) => {
  await createTopic('cut-away')
  const service = consuming(t, embedded, { member: { groupId: 'cut-away', topics: ['cut-away'] } })
  const before = service.join()
  await cutOff('cut-away', async () => {
    await readAll(service, 'cut-away')()
    await before.leave()
  })
  service.join()
  await assertAllSince(service, 'cut-away')
  await node(1).start()
})
