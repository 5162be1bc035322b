import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroupNotes } from '../../../../src/broker/group-state/group-notes.ts'
import { createGroupReader } from '../../../../src/broker/group-state/reader.ts'
import { inspectCluster } from '../../../../src/broker/topics/inspect.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { consuming, until, useOwnKafka } from '../../harness.ts'
import { secured, writeSecrets } from './secured.ts'

const embedded = useOwnKafka({ authorizer: true }, async ({ kafka, createTopic }) => {
  await writeSecrets(kafka)
  for (const topic of ['allowed', 'denied']) await createTopic(topic)
  await deny(kafka, ['--topic', 'denied'])
  await deny(kafka, ['--group', 'denied'])
})
const broker = () => secured(embedded.kafka, embedded.kafka.brokers.saslSslSan)

async function deny(kafka: typeof embedded.kafka, what: readonly string[]): Promise<void> {
  await acl(kafka, ['--deny-principal', '--operation', 'All'], what)
}

async function acl(kafka: typeof embedded.kafka, rule: readonly string[], what: readonly string[]) {
  const [principal = '', ...operation] = rule
  const user = `User:${kafka.credentials.username}`
  const args = ['--add', '--force', principal, user, ...operation, ...what]
  const added = await kafka.tools.acls(args)
  assert.equal(added.code, 0, added.stderr)
}

for (const [what, code, groupId, topic] of [
  ['topic', 'OCC_TOPIC_NOT_AUTHORIZED', 'allowed', 'denied'],
  ['group', 'OCC_GROUP_NOT_AUTHORIZED', 'denied', 'allowed'],
] as const) {
  test(`not authorized for the ${what}: ${code}, which ends the first start and is in the report`, async (t) => {
    const service = consuming(t, { broker: broker() }, { member: { groupId, topics: [topic] } })
    await assert.rejects(service.join().running, { code, message: /kafka\./ })

    const report = await inspectCluster(broker(), { topics: [topic], groupId }, silentLog)
    const { topics, group } = report
    assert.equal(what === 'topic' ? topics[0]?.problem?.code : group.problem?.code, code)
    assert.equal(what === 'topic' ? group.problem : topics[0]?.problem, null)
  })
}

test('rights withdrawn while consuming are reported, and consuming continues when they are back', async (t) => {
  await embedded.createTopic('withdrawn')
  const member = { groupId: 'withdrawn', topics: ['withdrawn'] }
  const service = consuming(t, { broker: broker() }, { member })
  const joined = service.join()
  await joined.joined()
  await deny(embedded.kafka, ['--topic', 'withdrawn'])
  await until(
    () => /not authorized to read the topic/.test(joined.member.view.reason ?? ''),
    () => `the reason, ${JSON.stringify(joined.member.view)}`,
  )
  const rule = ['--remove', '--force', '--topic', 'withdrawn']
  const removed = await embedded.kafka.tools.acls(rule)
  assert.equal(removed.code, 0, removed.stderr)
  await embedded.produce('withdrawn', ['back'])
  await until(() => service.handled.length === 1, 'the record')
})

test('the right to one of two topics is withdrawn, and a member leaves: who stays goes on with the other topic', async (t) => {
  for (const topic of ['one-kept', 'one-withdrawn']) await embedded.createTopic(topic, 2)
  const groupId = 'one-of-two'
  const member = { groupId, topics: ['one-kept', 'one-withdrawn'] }
  const service = consuming(t, { broker: broker() }, { member })
  const stays = service.join()
  await stays.joined()
  const leaves = service.join()
  await until(
    () => [stays, leaves].every((each) => each.partitions().length === 2),
    'two partitions each',
  )
  await deny(embedded.kafka, ['--topic', 'one-withdrawn'])
  await until(
    () => [stays, leaves].every(({ member }) => /not authorized/.test(member.view.reason ?? '')),
    'the reason',
  )
  await leaves.leave()
  const waiting = () =>
    service.engine.partitions().filter(({ problem }) => problem?.reason === 'not-authorized')
  await until(
    () => waiting().length === 2 && stays.partitions().length === 4,
    () => `all partitions, ${JSON.stringify(service.engine.partitions())}`,
  )
  for (const partition of [0, 1]) await embedded.produce('one-kept', ['on'], partition)
  await until(
    async () => String(await embedded.committed(groupId, 'one-kept')) === '1,1',
    'the other topic to be committed',
  )
  assert.match(stays.member.view.reason ?? '', /Consuming one-withdrawn: not authorized/)
  const rule = ['--remove', '--force', '--topic', 'one-withdrawn']
  const removed = await embedded.kafka.tools.acls(rule)
  assert.equal(removed.code, 0, removed.stderr)
  for (const partition of [0, 1]) await embedded.produce('one-withdrawn', ['back'], partition)
  await until(
    async () => String(await embedded.committed(groupId, 'one-withdrawn')) === '1,1',
    'the topic to be committed again',
  )
  await until(() => stays.member.view.state === 'joined', 'nothing to be amiss')
  const lost = service.lines.filter(({ fields }) => fields.event === 'partitions.lost')
  assert.deepEqual(lost, [])
})

test('a right to the group that is withdrawn while consuming is waited for, and is no broker that is away', async (t) => {
  await embedded.createTopic('regained')
  const member = { groupId: 'regained', topics: ['regained'], heartbeatInterval: 100 }
  const service = consuming(t, { broker: broker() }, { member })
  const joined = service.join()
  await joined.joined()
  await deny(embedded.kafka, ['--group', 'regained'])
  await until(
    () => joined.member.view.state === 'waiting',
    () => `the member waits, ${JSON.stringify(joined.member.view)}`,
  )
  assert.match(joined.member.view.reason ?? '', /not authorized .*group/i)
  const rule = ['--remove', '--force', '--group', 'regained']
  const removed = await embedded.kafka.tools.acls(rule)
  assert.equal(removed.code, 0, removed.stderr)
  await until(() => joined.member.view.state === 'joined', 'the member is back')
  await embedded.produce('regained', ['back'])
  await until(() => service.handled.length === 1, 'the record')
})

test('partitions are given up when the session runs out because the right to the group is gone', async (t) => {
  await embedded.createTopic('outlived')
  const member = { groupId: 'outlived', topics: ['outlived'], heartbeatInterval: 100 }
  const service = consuming(
    t,
    { broker: broker() },
    { member: { ...member, sessionTimeout: 6_000 } },
  )
  const joined = service.join()
  await joined.joined()
  await until(() => joined.partitions().length === 1, 'its partition')
  await deny(embedded.kafka, ['--group', 'outlived'])
  await until(
    () => joined.partitions().length === 0,
    () => `the end of the session, ${JSON.stringify(joined.member.view)}`,
  )
  assert.ok(service.lines.some(({ fields }) => fields.event === 'partitions.lost'))
  // Nobody could commit it.
  await embedded.produce('outlived', ['back'])
  const removed = await embedded.kafka.tools.acls(['--remove', '--force', '--group', 'outlived'])
  assert.equal(removed.code, 0, removed.stderr)
  await until(() => service.handled.length === 1, 'the record')
  await until(() => joined.member.view.state === 'joined', 'the member is back')
})

test('the group is read with the rights of a member; retention is left out where it may not be seen', async (t) => {
  await embedded.createTopic('unseen')
  await embedded.produce('unseen', ['one', 'two'])
  const groupId = 'reading'
  // With a rule for it, nothing else is allowed any more.
  const mayRead = ['--allow-principal', '--operation', 'Read']
  await acl(embedded.kafka, mayRead, ['--topic', 'unseen'])
  await acl(embedded.kafka, mayRead, ['--group', groupId])
  const reader = createGroupReader(broker(), { topics: ['unseen'], groupId }, silentLog)
  t.after(() => reader.close())
  const { offsets, members, retention } = await reader.read()
  const [unread] = offsets
  assert.deepEqual([offsets.length, unread?.end, unread?.committed], [1, 2, null])
  assert.deepEqual([members, retention], [{ count: 0, idle: 0 }, {}])
  await deny(embedded.kafka, ['--group', groupId])
  await assert.rejects(reader.read(), {
    code: 'OCC_GROUP_NOT_AUTHORIZED',
    message: /kafka\.groupId/,
  })
})

test('pauses are kept with the rights of a member on their group, and the remedy names that group', async (t) => {
  await embedded.createTopic('noted')
  const groupId = 'noted:pauses'
  const mayRead = ['--allow-principal', '--operation', 'Read']
  await acl(embedded.kafka, mayRead, ['--topic', 'noted'])
  await acl(embedded.kafka, mayRead, ['--group', groupId])
  const notes = createGroupNotes(broker(), groupId, silentLog)
  t.after(() => notes.close())
  const isThere = () =>
    notes.read().then(
      () => true,
      () => false,
    )
  await until(isThere, 'a coordinator, and the rights')
  const note = { topic: 'noted', partition: 0, text: 'paused' }
  await notes.write([note])
  assert.deepEqual(await notes.read(), [note])
  await deny(embedded.kafka, ['--group', groupId])
  for (const ask of [() => notes.read(), () => notes.write([note])]) {
    await assert.rejects(ask(), {
      code: 'OCC_GROUP_NOT_AUTHORIZED',
      message: /the group "noted:pauses", where pauses are kept: .*Allow Read and Describe/,
    })
  }
})
