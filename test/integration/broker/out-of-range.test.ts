import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Consuming, consuming, numbered, until, useKafka } from '../harness.ts'

const embedded = useKafka()

test('records deleted before they were read are counted exactly, said with their range, and passed', async (t) => {
  await embedded.createTopic('passed', 2)
  await embedded.produce('passed', numbered(10))
  const service = consuming(t, embedded, { member: { groupId: 'passed', topics: ['passed'] } })
  const first = service.join()
  await until(() => service.handled.length === 10, 'the first ten')
  await first.leave()
  assert.deepEqual(await embedded.committed('passed', 'passed'), [10, 0])

  await embedded.produce('passed', numbered(30, 'gone'))
  await embedded.produce('passed', numbered(4, 'kept'))
  await embedded.admin.deleteTopicRecords({
    topic: 'passed',
    partitions: [{ partition: 0, offset: '40' }],
  })
  service.join()
  await until(() => service.handled.length === 14, 'what was kept')
  assert.deepEqual(service.values().slice(10), numbered(4, 'kept'))
  assert.equal(service.meters.topic('passed').recordsLost, 30)
  const [line, ...more] = service.lines.filter(({ fields }) => fields.event === 'records.lost')
  assert.equal(more.length, 0)
  assert.equal(line?.level, 'error')
  assert.match(line?.text ?? '', /Lost 30 records of passed partition 0.*10 to 39/)
  const { partition, from, to, records } = line?.fields ?? {}
  assert.deepEqual(
    { partition, from, to, records },
    { partition: 0, from: 10, to: 40, records: 30 },
  )
  await until(async () => (await embedded.committed('passed', 'passed'))[0] === 44, 'the commit')
})

test('what is lost with nothing after it is committed as well: the lag does not stay', async (t) => {
  await embedded.createTopic('emptied')
  await embedded.produce('emptied', numbered(3))
  const service = consuming(t, embedded, { member: { groupId: 'emptied', topics: ['emptied'] } })
  const first = service.join()
  await until(() => service.handled.length === 3, 'the first three')
  await first.leave()
  await embedded.produce('emptied', numbered(5, 'gone'))
  // kafkajs refuses to delete up to the end.
  const until8 = { partitions: [{ topic: 'emptied', partition: 0, offset: 8 }], version: 1 }
  const file = join(embedded.kafka.folder, 'delete-records.json')
  await writeFile(file, JSON.stringify(until8))
  const deleted = await embedded.kafka.tools.deleteRecords(['--offset-json-file', file])
  assert.equal(deleted.code, 0, deleted.stderr)
  service.join()
  await until(() => service.meters.topic('emptied').recordsLost === 5, 'the loss')
  await until(() => service.engine.partitions()[0]?.lag === 0, 'no lag')
  await until(async () => (await embedded.committed('emptied', 'emptied'))[0] === 8, 'the commit')
})

test('a topic recreated under a running member is read from its first record and committed', async (t) => {
  await embedded.createTopic('anew')
  await embedded.produce('anew', numbered(50, 'old'))
  // Its metadata does not show that another topic bears the name now.
  const member = { groupId: 'anew', topics: ['anew'], metadataMaxAge: 3_600_000 }
  const service = consuming(t, embedded, { member })
  service.join()
  await until(() => service.handled.length === 50, 'the old records')
  await embedded.admin.deleteTopics({ topics: ['anew'] })
  await until(async () => !(await embedded.admin.listTopics()).includes('anew'), 'its end')
  await embedded.createTopic('anew')
  await embedded.produce('anew', numbered(7, 'new'))
  await until(
    () => service.handled.length >= 57,
    () => `the new records, ${JSON.stringify(service.engine.partitions())}`,
  )
  assert.deepEqual(service.values().slice(50), numbered(7, 'new'))
  assert.equal(service.meters.topic('anew').recordsLost, 0)
  await until(async () => (await embedded.committed('anew', 'anew'))[0] === 7, 'the commit')
})

/** Commits an offset that the topic never had, with this text beside it, and starts again. */
async function beyond(t: TestContext, topic: string, metadata: string | null) {
  await embedded.createTopic(topic)
  await embedded.produce(topic, numbered(5))
  const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
  const first = service.join()
  await until(() => service.handled.length === 5, 'the records')
  await until(async () => (await embedded.committed(topic, topic))[0] === 5, 'the first commit')
  const [[own] = []] = first.assigned
  const offset = { topic, partition: 0, offset: 1_000, finished: [] }
  await first.member.commit([{ ...offset, metadata: metadata ?? own?.metadata ?? '' }])
  await first.leave()
  service.join()
  return service
}
const events = ({ lines }: Consuming, name: string) =>
  lines.filter(({ fields }) => fields.event === name)

test('an offset beyond the end that nobody can tell the topic of begins at the first record', async (t) => {
  const service = await beyond(t, 'beyond', '')
  await until(() => service.handled.length === 10, 'the records again')
  assert.equal(service.meters.topic('beyond').recordsLost, 0)
  assert.equal(events(service, 'offsets.reset').length, 1)
  await until(async () => (await embedded.committed('beyond', 'beyond'))[0] === 5, 'the commit')
})

test('an offset beyond the end of the same topic continues at its end, and the log says how much is gone', async (t) => {
  const service = await beyond(t, 'cut', null)
  await until(() => events(service, 'records.cut').length === 1, 'that it was cut off')
  const [line] = events(service, 'records.cut')
  assert.match(line?.text ?? '', /truncated at 5 .* 995 records below the position 1000/)
  assert.equal(service.meters.topic('cut').recordsCut, 995)
  await embedded.produce('cut', ['later'])
  await until(() => service.handled.length === 6, 'what comes later')
  assert.equal(service.values().at(-1), 'later')
  await until(async () => (await embedded.committed('cut', 'cut'))[0] === 6, 'the commit')
})

test('a topic recreated under a running member is not begun again by the next one', async (t) => {
  await embedded.createTopic('twice')
  await embedded.produce('twice', numbered(5, 'old'))
  const service = consuming(t, embedded, { member: { groupId: 'twice', topics: ['twice'] } })
  const first = service.join()
  await until(() => service.handled.length === 5, 'the old records')
  await embedded.admin.deleteTopics({ topics: ['twice'] })
  await until(() => first.member.view.state === 'waiting', 'its end to be noticed')
  await embedded.createTopic('twice')
  await embedded.produce('twice', numbered(3, 'new'))
  await until(() => service.handled.length === 8, 'the new records')
  await until(async () => (await embedded.committed('twice', 'twice'))[0] === 3, 'the commit')
  await first.leave()
  service.join()
  await embedded.produce('twice', ['later'])
  await until(() => service.values().includes('later'), 'what comes later')
  assert.equal(service.handled.length, 9)
  assert.deepEqual(events(service, 'topic.recreated'), [])
})
