import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroupReader } from '../../../src/broker/group-state/reader.ts'
import { inspectCluster } from '../../../src/broker/topics/inspect.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { consuming, numbered, until, useOwnKafka } from '../harness.ts'

// The broker creates a topic that anybody asks for, so the service must not ask.
const embedded = useOwnKafka({ properties: { 'auto.create.topics.enable': 'true' } })

for (const autoOffsetReset of ['earliest', 'latest'] as const) {
  test(`an unknown topic is waited for, not made, and read from its first record: ${autoOffsetReset}`, async (t) => {
    const topic = `later-${autoOffsetReset}`
    const here = `here-${autoOffsetReset}`
    await embedded.createTopic(here)
    const topics = [here, topic]
    const service = consuming(t, embedded, { member: { groupId: topic, topics, autoOffsetReset } })
    const { member } = service.join()
    await until(() => member.view.state === 'waiting', 'it to wait')
    assert.match(member.view.reason ?? '', new RegExp(`"${topic}" does not exist`))
    const turn = member.view.lastTurn
    await until(() => member.view.lastTurn > turn, 'it to ask again')
    assert.ok(!(await embedded.admin.listTopics()).includes(topic))
    assert.equal(service.lines.filter(({ fields }) => fields.event === 'topic.missing').length, 1)
    // The one that is there does not wait for it.
    await until(async () => (await embedded.committed(topic, here))[0] === 0, 'the other to begin')
    await embedded.produce(here, ['meanwhile'])
    await until(() => service.handled.length === 1, 'a record of the other')
    assert.equal(member.view.state, 'waiting')
    await embedded.createTopic(topic)
    await embedded.produce(topic, ['first'])
    await until(() => service.handled.length === 2, 'the first record')
    assert.deepEqual(service.values(), ['meanwhile', 'first'])
    assert.equal(member.view.reason, null)
  })
}

test('a misspelled topic: the one that was meant is named, by the service and by check', async (t) => {
  await embedded.createTopic('meant.transfers')
  const topics = ['meant.transfer']
  const service = consuming(t, embedded, { member: { groupId: 'misspelled', topics } })
  const { member } = service.join()
  const meant = /Did you mean "meant\.transfers"\?/
  await until(
    () => meant.test(member.view.reason ?? ''),
    () => `the hint, ${member.view.reason}`,
  )
  const line = service.lines.find(({ fields }) => fields.event === 'topic.missing')
  assert.match(line?.text ?? '', meant)
  const report = await inspectCluster(embedded.broker, { topics, groupId: 'x' }, silentLog)
  const [{ problem } = { problem: null }] = report.topics
  assert.equal(problem?.code, 'OCC_TOPIC_UNKNOWN')
  assert.match(problem.message, meant)
})

test('a topic that is deleted while it is consumed is waited for, and consumed when it is back', async (t) => {
  await embedded.createTopic('deleted')
  await embedded.produce('deleted', numbered(5, 'old'))
  const service = consuming(t, embedded, { member: { groupId: 'deleted', topics: ['deleted'] } })
  const { member } = service.join()
  await until(() => service.handled.length === 5, 'the old records')
  await embedded.admin.deleteTopics({ topics: ['deleted'] })
  await until(
    () => member.view.state === 'waiting',
    () => `it to wait again, ${JSON.stringify(member.view)}`,
  )
  assert.match(member.view.reason ?? '', /"deleted" does not exist/)
  await embedded.createTopic('deleted')
  await embedded.produce('deleted', numbered(2, 'new'))
  await until(() => service.handled.length === 7, 'the new records')
  await until(async () => (await embedded.committed('deleted', 'deleted'))[0] === 2, 'the commit')
})

test('reading the progress of the group makes no topic either', async (t) => {
  const reader = createGroupReader(
    embedded.broker,
    { topics: ['unmade'], groupId: 'unmade' },
    silentLog,
  )
  t.after(() => reader.close())
  assert.deepEqual((await reader.read()).offsets, [])
  assert.deepEqual((await reader.read()).offsets, [])
  assert.ok(!(await embedded.admin.listTopics()).includes('unmade'))
})
