import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK, type Outcome } from '../../../../src/kernel/shapes/outcome.ts'
import { consuming, numbered, until, useOwnKafka } from '../../harness.ts'

const embedded = useOwnKafka({ properties: { 'offset.metadata.max.bytes': '60' } })

test('brokers that allow little metadata: offsets are committed without the finished ones above', async (t) => {
  const topic = 'small'
  await embedded.createTopic(topic, 2)
  await embedded.produce(topic, numbered(200), 0)
  await embedded.produce(topic, numbered(10), 1)
  const options = { member: { groupId: 'small', topics: [topic] }, order: 'none' } as const
  const pod = consuming(t, embedded, {
    ...options,
    rebalanceDrain: 0,
    process: ({ partition, offset }) =>
      partition === 0 && offset % 10 === 7 ? new Promise<Outcome>(() => {}) : OK,
  })
  const member = pod.join()
  await until(() => pod.handled.length === 190, 'all but the slow ones')
  await pod.engine.drain(0)
  await member.leave()
  assert.deepEqual(await embedded.committed('small', topic), [7, 10])
  assert.equal(pod.meters.process.commits.failed, 0)
  const after = consuming(t, embedded, options)
  after.join()
  await until(() => after.handled.length === 193, 'all from the committed offset on')
  await until(
    async () => (await embedded.committed('small', topic)).join() === '200,10',
    'the commit',
  )
})
