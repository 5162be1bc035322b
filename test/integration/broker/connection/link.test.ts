import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../../../src/broker/connection/address.ts'
import type { Link } from '../../../../src/broker/connection/link.ts'
import { openLink } from '../../../../src/broker/connection/link.ts'
import {
  type Api,
  apiVersionsApi,
  code,
  describeGroupsApi,
  EARLIEST,
  fetchApi,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  LATEST,
  leaveGroupApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetFetchApi,
  offsetForLeaderEpochApi,
  syncGroupApi,
  Writer,
} from '../../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { numbered, until, useKafka } from '../../harness.ts'

const topic = 'of-link'
/** A coordinator that was found a moment ago may not know of it yet. */
const LOADING = new Set<number>([code.COORDINATOR_LOAD_IN_PROGRESS, code.NOT_COORDINATOR])
const embedded = useKafka(async ({ createTopic, produce }) => {
  await createTopic(topic, 2)
  await produce(topic, numbered(20))
})

function link(t: { after(undo: () => void): void }): Link {
  const opened = openLink(
    parseAddress(embedded.kafka.brokers.plaintext),
    embedded.broker,
    silentLog,
  )
  t.after(() => opened.close())
  return opened
}

/** The same API in one version only. */
const only = <Request, Response>(api: Api<Request, Response>, version: number) => ({
  ...api,
  versions: [version],
})

test('ApiVersions and Metadata, in each version', async (t) => {
  const open = link(t)
  for (const version of apiVersionsApi.versions) {
    const { error, apis } = await open.send(only(apiVersionsApi, version), {})
    assert.equal(error, code.NONE)
    assert.ok(apis.some(({ key }) => key === fetchApi.key))
  }
  for (const version of metadataApi.versions) {
    const api = only(metadataApi, version)
    const found = await open.send(api, { topics: [topic, 'missing'] })
    const [broker] = found.brokers
    assert.deepEqual({ host: broker?.host, port: broker?.port }, parseAddress(open.address))
    assert.equal(found.controllerId, broker?.id)
    const ours = found.topics.find((one) => one.topic === topic)
    const missing = found.topics.find((one) => one.topic === 'missing')
    assert.equal(ours?.error, code.NONE)
    assert.equal(ours?.partitions.length, 2)
    for (const { error, leader, leaderEpoch } of ours?.partitions ?? []) {
      assert.deepEqual([error, leader], [code.NONE, broker?.id])
      assert.equal(leaderEpoch, version >= 7 ? 0 : -1)
    }
    if (version < 10) assert.equal(ours?.topicId, null)
    else assert.match(ours?.topicId ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    assert.deepEqual([missing?.error, missing?.topicId], [code.UNKNOWN_TOPIC_OR_PARTITION, null])
    assert.deepEqual((await open.send(api, { topics: [] })).topics, [], `v${version} of none`)
  }
})

test('ListOffsets and OffsetForLeaderEpoch, in each version', async (t) => {
  const open = link(t)
  const ask = (timestamp: number, leaderEpoch = -1) => ({
    readUncommitted: false,
    topics: [{ topic, partitions: [{ partition: 0, leaderEpoch, timestamp }] }],
  })
  for (const version of listOffsetsApi.versions) {
    const api = only(listOffsetsApi, version)
    for (const [timestamp, offset] of [
      [EARLIEST, 0],
      [LATEST, 20],
    ] as const) {
      const { topics } = await open.send(api, ask(timestamp))
      const partition = { partition: 0, error: 0, timestamp: -1, offset, leaderEpoch: 0 }
      assert.deepEqual(topics, [{ topic, partitions: [partition] }])
    }
    const { topics } = await open.send(api, ask(LATEST, 99))
    assert.equal(topics[0]?.partitions[0]?.error, code.UNKNOWN_LEADER_EPOCH)
  }
  for (const version of offsetForLeaderEpochApi.versions) {
    const partition = { partition: 0, currentLeaderEpoch: 0, leaderEpoch: 0 }
    const api = only(offsetForLeaderEpochApi, version)
    const { topics } = await open.send(api, { topics: [{ topic, partitions: [partition] }] })
    const found = { partition: 0, error: 0, leaderEpoch: 0, endOffset: 20 }
    assert.deepEqual(topics, [{ topic, partitions: [found] }])
  }
})

test('Fetch, with and without a session', async (t) => {
  const open = link(t)
  const request = {
    maxWait: 100,
    minBytes: 1,
    maxBytes: 1_000_000,
    readUncommitted: false,
    sessionId: 0,
    sessionEpoch: -1,
    forgotten: [],
    rackId: '',
  }
  const partition = { partition: 0, leaderEpoch: 0, offset: 0, maxBytes: 1_000_000 }
  const topics = [{ topic, partitions: [partition] }]
  const { error, sessionId, topics: all } = await open.send(fetchApi, { ...request, topics })
  assert.deepEqual([error, sessionId, all.length], [code.NONE, 0, 1])
  const { records, aborted, ...rest } = all[0]?.partitions[0] ?? assert.fail('no partition')
  assert.deepEqual(rest, {
    partition: 0,
    error: code.NONE,
    highWatermark: 20,
    lastStableOffset: 20,
    logStartOffset: 0,
    preferredReadReplica: -1,
  })
  assert.deepEqual(aborted, [])
  assert.equal(records.readBigInt64BE(0), 0n)
  assert.equal(records.readInt32BE(8), records.length - 12)

  const begun = await open.send(fetchApi, { ...request, sessionEpoch: 0, topics })
  assert.equal(begun.error, code.NONE)
  assert.notEqual(begun.sessionId, 0)
  const session = { ...request, sessionId: begun.sessionId }
  const unchanged = { ...partition, offset: 20 }
  const next = { ...session, sessionEpoch: 1, topics: [{ topic, partitions: [unchanged] }] }
  assert.deepEqual((await open.send(fetchApi, next)).topics, [])
  const wrong = await open.send(fetchApi, { ...session, sessionEpoch: 9, topics: [] })
  assert.equal(wrong.error, code.INVALID_FETCH_SESSION_EPOCH)
  const forgotten = [{ topic, partitions: [0] }]
  const last = await open.send(fetchApi, { ...session, sessionEpoch: 2, topics: [], forgotten })
  assert.deepEqual([last.error, last.topics], [code.NONE, []])

  const behind = { topic, partitions: [{ ...partition, offset: 21 }] }
  const [{ partitions: [beyond] = [] } = {}] = (
    await open.send(fetchApi, { ...request, topics: [behind] })
  ).topics
  assert.deepEqual([beyond?.error, beyond?.records.length], [code.OFFSET_OUT_OF_RANGE, 0])
})

for (const groupInstanceId of [null, 'pod-0']) {
  test(`a group from the first join to leaving, instance ${groupInstanceId}`, async (t) => {
    const open = link(t)
    const groupId = `link ${groupInstanceId}`
    for (const version of findCoordinatorApi.versions) {
      const api = only(findCoordinatorApi, version)
      let found = await open.send(api, { groupId })
      await until(async () => {
        found = await open.send(api, { groupId })
        return found.error === code.NONE
      }, 'the coordinator')
      assert.deepEqual({ host: found.host, port: found.port }, parseAddress(open.address))
    }

    // A broker that cannot read a consumer's subscription never answers the join.
    const written = new Writer().int16(0)
    written.array([topic], (name) => written.string(name)).nullableBytes(null)
    const subscription = written.buffer
    const join = {
      groupId,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      groupInstanceId,
      protocols: [{ name: 'of-link', metadata: subscription }],
    }
    let joined = await open.send(joinGroupApi, { ...join, memberId: '' })
    await until(async () => {
      const isLoading = LOADING.has(joined.error)
      if (isLoading) joined = await open.send(joinGroupApi, { ...join, memberId: '' })
      return !isLoading
    }, 'the coordinator to know itself')
    if (groupInstanceId === null) {
      assert.equal(joined.error, code.MEMBER_ID_REQUIRED)
      joined = await open.send(joinGroupApi, { ...join, memberId: joined.memberId })
    }
    const { memberId, generation } = joined
    assert.deepEqual(joined, {
      throttle: 0,
      error: code.NONE,
      generation: 1,
      protocol: 'of-link',
      leaderId: memberId,
      memberId,
      members: [{ memberId, groupInstanceId, metadata: subscription }],
    })

    const me = { groupId, memberId, groupInstanceId, generation }
    const assignment = Buffer.from('my assignment')
    const synced = await open.send(syncGroupApi, { ...me, assignments: [{ memberId, assignment }] })
    assert.deepEqual(synced, { throttle: 0, error: code.NONE, assignment })
    assert.deepEqual(await open.send(heartbeatApi, me), { throttle: 0, error: code.NONE })
    const stale = await open.send(heartbeatApi, { ...me, generation: 7 })
    assert.equal(stale.error, code.ILLEGAL_GENERATION)

    for (const version of describeGroupsApi.versions) {
      const { groups } = await open.send(only(describeGroupsApi, version), { groups: [groupId] })
      const member = {
        memberId,
        groupInstanceId: version >= 4 ? groupInstanceId : null,
        clientId: 'integration-test',
        clientHost: '/127.0.0.1',
        metadata: subscription,
        assignment,
      }
      const group = { groupId, state: 'Stable', protocolType: 'consumer', protocol: 'of-link' }
      assert.deepEqual(groups, [{ ...group, error: code.NONE, members: [member] }])
    }

    const position = { partition: 0, offset: 5, leaderEpoch: 0, metadata: 'what I know' }
    const topics = [{ topic, partitions: [position] }]
    assert.deepEqual(await open.send(offsetCommitApi, { ...me, topics }), {
      throttle: 0,
      topics: [{ topic, partitions: [{ partition: 0, error: code.NONE }] }],
    })
    const none = { partition: 1, offset: -1, leaderEpoch: -1, metadata: '', error: code.NONE }
    const asked = [{ topic, partitions: [0, 1] }]
    assert.deepEqual(await open.send(offsetFetchApi, { groupId, topics: asked }), {
      throttle: 0,
      error: code.NONE,
      topics: [{ topic, partitions: [{ ...position, error: code.NONE }, none] }],
    })
    const { topics: all } = await open.send(offsetFetchApi, { groupId, topics: null })
    assert.deepEqual(all, [{ topic, partitions: [{ ...position, error: code.NONE }] }])

    const leaving = { groupId, memberId, groupInstanceId }
    assert.equal((await open.send(leaveGroupApi, leaving)).error, code.NONE)
    assert.equal((await open.send(leaveGroupApi, leaving)).error, code.UNKNOWN_MEMBER_ID)
  })
}
