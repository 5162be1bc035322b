import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { parseAddress } from '../../../../src/broker/connection/address.ts'
import { openLink } from '../../../../src/broker/connection/link.ts'
import { code, joinGroupApi, syncGroupApi } from '../../../../src/broker/protocol/index.ts'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { startTcpProxy } from '../../../support/servers/tcp-proxy.ts'
import { brokerOptions, consuming, numbered, until, useOwnKafka } from '../../harness.ts'
import { plainEnvironment, startService } from '../../service/process.ts'

const embedded = useOwnKafka(
  {
    advertise: { host: 'kafka-0.kafka.nowhere.invalid', bind: '127.0.0.1' },
    properties: { 'group.max.size': '3', 'group.min.session.timeout.ms': '6000' },
  },
  ({ createTopic }) => createTopic('known', 2),
)

/** The service with these settings: ends with 1 at once, and with one line that says why. */
async function refused(t: TestContext, groupId: string, env: Record<string, string> = {}) {
  const service = startService(t, {
    ...plainEnvironment(t, embedded.kafka, 'known', groupId),
    ...env,
  })
  const { code, lines, stderr } = await service.exit
  assert.deepEqual([code, stderr], [1, ''])
  const bad = lines.filter(({ level }) => level === 'error' || level === 'fatal')
  assert.equal(bad.length, 1, JSON.stringify(bad))
  // It was not tried again.
  assert.deepEqual(lines.filter(({ event }) => event === 'member.restarting').slice(1), [])
  return bad[0]?.msg ?? ''
}

/** Kafka's own consumer, until the test ends. */
async function javaConsumer(t: TestContext, groupId: string, properties: readonly string[]) {
  const ended = new AbortController()
  const running = embedded.kafka.tools.consoleConsumer(
    [
      ...['--topic', 'known', '--group', groupId, '--from-beginning'],
      ...properties.flatMap((property) => ['--consumer-property', property]),
    ],
    { signal: ended.signal },
  )
  t.after(async () => {
    ended.abort()
    await running
  })
  await until(async () => {
    const listed = await embedded.kafka.tools.consumerGroups([
      '--describe',
      '--group',
      groupId,
      '--members',
    ])
    return listed.stdout.includes('console-consumer')
  }, `Kafka's consumer to be a member of ${groupId}`)
}

/** A member of a group of another kind, such as Kafka Connect's, for as long as its session. */
async function joinAs(t: TestContext, groupId: string, type: string): Promise<void> {
  const link = openLink(parseAddress(embedded.kafka.brokers.plaintext), embedded.broker, silentLog)
  t.after(() => link.close())
  const api: typeof joinGroupApi = {
    ...joinGroupApi,
    encode(writer, request) {
      writer.string(request.groupId).int32(60_000).int32(60_000).string(request.memberId)
      writer.nullableString(null).string(type)
      writer.array(['default'], (name) => writer.string(name).bytes(Buffer.alloc(0)))
    },
  }
  const rest = { sessionTimeout: 0, rebalanceTimeout: 0, groupInstanceId: null, protocols: [] }
  let joined = await link.send(api, { ...rest, groupId, memberId: '' })
  while (joined.error !== code.NONE) {
    await sleep(100)
    joined = await link.send(api, { ...rest, groupId, memberId: joined.memberId })
  }
  const { generation, memberId } = joined
  const assignments = [{ memberId, assignment: Buffer.alloc(0) }]
  await link.send(syncGroupApi, {
    groupId,
    generation,
    memberId,
    groupInstanceId: null,
    assignments,
  })
}

test('a session timeout that the broker does not allow', async (t) => {
  const said = await refused(t, 'session', { KAFKA_SESSION_TIMEOUT_MS: '3000' })
  assert.match(
    said,
    /kafka\.sessionTimeout \(3000 ms\).*group\.min\.session\.timeout\.ms.*Set kafka\.sessionTimeout/,
  )
})

test('a group that is full', async (t) => {
  const service = consuming(t, embedded, { member: { groupId: 'full', topics: ['known'] } })
  for (let member = 0; member < 3; member++) await service.join().joined()
  const said = await refused(t, 'full')
  assert.match(
    said,
    /the group "full" is full.*\(its group\.max\.size.*kafka\.consumers or the number of pods/,
  )
})

test('a group whose members use another strategy: it is named', async (t) => {
  await javaConsumer(t, 'theirs', [
    'partition.assignment.strategy=org.apache.kafka.clients.consumer.RoundRobinAssignor',
  ])
  const said = await refused(t, 'theirs')
  assert.match(
    said,
    /the group "theirs" use the strategy "roundrobin".*kafka\.assignmentStrategy offers cooperative-sticky.*docs\/scaling\.md/,
  )
  const shared = consuming(t, embedded, {
    member: {
      groupId: 'theirs',
      topics: ['known'],
      assignors: ['cooperative-sticky', 'roundrobin'],
    },
  })
  await shared.join().joined()
})

test('a group whose members are not consumers', async (t) => {
  await joinAs(t, 'connect-cluster', 'connect')
  const said = await refused(t, 'connect-cluster')
  assert.match(
    said,
    /the group "connect-cluster" are not consumers.*type "connect".*Set kafka\.groupId/,
  )
})

test('a group of the new consumer protocol is shared: the broker assigns then', async (t) => {
  const group = { groupId: 'new-protocol', topics: ['known'] }
  await javaConsumer(t, 'new-protocol', ['group.protocol=consumer'])
  const service = consuming(t, embedded, { member: group })
  const joined = service.join()
  await until(
    () => joined.partitions().length === 1,
    () => `a partition, ${JSON.stringify(joined.member.view)}`,
  )
  const [partition = -1] = joined.partitions()
  await embedded.produce('known', numbered(3), partition)
  await until(() => service.handled.length === 3, 'its records')
  await until(
    async () => (await embedded.committed('new-protocol', 'known'))[partition] === 3,
    'their commit',
  )
})

test('a broker that is known by a name that means nothing here', async (t) => {
  const address = embedded.kafka.brokers.external?.plaintext.replace(/.*:/, '127.0.0.1:') ?? ''
  const said = await refused(t, 'advertised', { KAFKA_BOOTSTRAP_SERVERS: address })
  assert.match(
    said,
    new RegExp(
      `${address} answer.*kafka-0\\.kafka\\.nowhere\\.invalid:\\d+, a name that cannot be resolved`,
    ),
  )
  assert.match(said, /advertised\.listeners.*kafka\.brokers/)
})

test('a broker that is known by an address where nobody is: waited for, and said', async (t) => {
  const service = consuming(t, embedded, { member: { groupId: 'away', topics: ['known'] } })
  const { port } = await proxyTo(t, '127.0.0.1')
  const { member } = service.join({
    broker: brokerOptions(`127.0.0.1:${port}`, { protocol: 'PLAINTEXT' }),
  })
  await embedded.kafka.stop()
  t.after(() => embedded.kafka.start())
  await until(
    () => member.view.state === 'connecting' && /broker/.test(member.view.reason ?? ''),
    () => JSON.stringify(member.view),
  )
})

test('an IPv6 address in brackets', async (t) => {
  const { port } = await proxyTo(t, '::1')
  const service = consuming(
    t,
    { broker: brokerOptions(`[::1]:${port}`, { protocol: 'PLAINTEXT' }) },
    { member: { groupId: 'ipv6', topics: ['known'] } },
  )
  await service.join().joined()
})

/** What hands every connection to this host on to the broker. */
const proxyTo = (t: TestContext, host: string) =>
  startTcpProxy(t, { host, port: 0 }, parseAddress(embedded.kafka.brokers.plaintext))
