import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DamageKind } from '../../../dev/kafka/damage/damage.ts'
import { consuming, numbered, until, useOwnKafka } from '../harness.ts'

const embedded = useOwnKafka({ nodes: 3 })
const BATCHES = 4
const RECORDS = 10

/** Four batches of ten; the second one is damaged on these nodes' disks. */
async function createDamaged(
  topic: string,
  replicas: readonly number[],
  how: DamageKind,
  damaged: readonly number[],
): Promise<void> {
  await embedded.kafka.cluster.createTopic(topic, { assignments: [replicas] })
  for (let batch = 0; batch < BATCHES; batch++) {
    await embedded.produce(topic, numbered(RECORDS, `batch-${batch}`))
  }
  for (const id of damaged) {
    const node = embedded.kafka.nodes[id - 1]
    assert.ok(node)
    await node.damage(topic, 0, { offset: RECORDS, how })
  }
}

const all = Array.from({ length: BATCHES }, (_, batch) => numbered(RECORDS, `batch-${batch}`))

for (const { how, replicas, damaged } of [
  { how: 'payload', replicas: [1, 2, 3], damaged: [1] },
  { how: 'codec', replicas: [2, 3], damaged: [2] },
  { how: 'content', replicas: [3, 1, 2], damaged: [3, 1] },
] as const) {
  test(`a batch that is damaged (${how}) on nodes ${damaged} of ${replicas} is read from one that has it whole`, async (t) => {
    const topic = `saved-${how}`
    await createDamaged(topic, replicas, how, damaged)
    const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
    service.join()
    await until(
      () => service.handled.length === BATCHES * RECORDS,
      () => `all records, ${JSON.stringify(service.engine.partitions())}`,
    )
    assert.deepEqual(service.values(), all.flat(), 'each once, in order')
    await until(
      async () => (await embedded.committed(topic, topic))[0] === BATCHES * RECORDS,
      'their commit',
    )
    const saved = service.lines.filter(({ fields }) => fields.event === 'batch.saved')
    assert.equal(saved.length, 1)
    assert.equal(saved[0]?.fields['firstOffset'], RECORDS)
    assert.equal(saved[0]?.fields['leader'], replicas[0])
    const follower = Number(saved[0]?.fields['follower'])
    assert.ok(replicas.some((id) => id === follower) && !damaged.some((id) => id === follower))
    assert.deepEqual(
      service.lines.filter(({ fields }) => fields.event === 'batch.corrupt'),
      [],
    )
    assert.equal(service.meters.process.rebalances.lost + service.meters.process.restarts, 0)
  })
}

test('a batch that is damaged on all of them holds its partition, as with one', async (t) => {
  await createDamaged('lost', [1, 2], 'payload', [1, 2])
  const service = consuming(t, embedded, { member: { groupId: 'lost', topics: ['lost'] } })
  service.join()
  const problem = () => service.engine.partitions()[0]?.problem
  await until(() => problem()?.reason === 'corrupt', 'it to be held')
  assert.deepEqual(service.values(), numbered(RECORDS, 'batch-0'))
  const said = service.lines.filter(({ fields }) => fields.event === 'batch.corrupt')
  assert.equal(said.length, 1)
})
