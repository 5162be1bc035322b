import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClusterReport } from '../../../../src/broker/topics/inspect.ts'
import type { InspectCluster } from '../../../../src/cli/check/check.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { answers, check, file, GOOD, terminal } from './support.ts'

test('succeeds for a complete cluster, with brokers, partitions and lag', async () => {
  const { io, stdout, stderr } = terminal()
  assert.equal(await check([], io, { inspect: answers(GOOD) }), 0)
  assert.match(stdout(), /1 +kafka-0:9092\n/)
  assert.match(stdout(), /solana\.transfers +4 +1,234 +12 +ok\n/)
  assert.match(stdout(), /Group user-1: ok/)
  assert.match(stdout(), /The service can start\.\n$/)
  assert.equal(stderr(), '')
})

test('each group of its own is checked: its rights may differ', async (t) => {
  const path = file(
    t,
    'config.yaml',
    `handlers: [{path: ${file(t, 'a.mjs', "export default {name: 'a', handle() {}}")}, name: slack, group: own}, {path: ${file(t, 'b.mjs', "export default {name: 'b', handle() {}}")}}]\n`,
  )
  const { io, stdout, stderr } = terminal()
  const forbidden = new OccError('OCC_GROUP_NOT_AUTHORIZED', 'The group is not allowed')
  const inspect: InspectCluster = async ({ kafka: { groupId } }) => {
    const problem = groupId === 'user-1' ? null : forbidden
    return { ...GOOD, group: { id: groupId, problem } }
  }
  assert.equal(await check(['--config', path], io, { inspect }), 1)
  assert.match(stdout(), /Group user-1: ok[\s\S]*Group user-1\.slack: OCC_GROUP_NOT_AUTHORIZED/)
  assert.match(stderr(), /The group is not allowed/)
})

test('reports missing topics and forbidden groups together', async () => {
  const missing = new OccError('OCC_TOPIC_UNKNOWN', 'The topic "solana.transfers" does not exist')
  const forbidden = new OccError('OCC_GROUP_NOT_AUTHORIZED', 'The group "user-1" is not allowed')
  const report: ClusterReport = {
    ...GOOD,
    topics: [
      { topic: 'solana.transfers', partitions: 0, records: null, lag: null, problem: missing },
    ],
    group: { id: 'user-1', problem: forbidden },
  }
  const { io, stdout, stderr } = terminal()
  assert.equal(await check([], io, { inspect: answers(report) }), 1)
  assert.match(stderr(), /does not exist \(OCC_TOPIC_UNKNOWN\)\n/)
  assert.match(stderr(), /not allowed \(OCC_GROUP_NOT_AUTHORIZED\)\n/)
  assert.match(stdout(), /kafka-0:9092[\s\S]*solana\.transfers +- +- +- +OCC_TOPIC_UNKNOWN/)
  assert.doesNotMatch(stdout(), /can start/)
})

test('reports an unreachable cluster in one clear line', async () => {
  const refuse: InspectCluster = () =>
    Promise.reject(new OccError('OCC_BROKER_UNREACHABLE', 'No broker answers at localhost:9092'))
  const { io, stderr } = terminal()
  assert.equal(await check([], io, { inspect: refuse }), 1)
  assert.match(
    stderr(),
    /^Problem: No broker answers at localhost:9092 No configuration .* \(OCC_BROKER_UNREACHABLE\)\n$/,
  )
})

test('checks a group again while its coordinator is being chosen', async () => {
  const problem = new OccError('OCC_BROKER', 'Not the coordinator', { retriable: true })
  const reports = [{ ...GOOD, group: { id: 'user-1', problem } }, GOOD]
  const inspect: InspectCluster = async () => reports.shift() ?? assert.fail('asked too often')
  const { io, stdout } = terminal()
  assert.equal(await check([], io, { inspect, retryPause: 0 }), 0)
  assert.match(stdout(), /Group user-1: ok/)
})

test('reports a group that stays without a coordinator', async () => {
  const problem = new OccError('OCC_BROKER', 'Not the coordinator', { retriable: true })
  const { io, stderr } = terminal()
  const inspect = answers({ ...GOOD, group: { id: 'user-1', problem } })
  assert.equal(await check([], io, { inspect, retryPause: 0 }), 1)
  assert.match(stderr(), /Not the coordinator \(OCC_BROKER\)/)
})

test('points out more consumers than partitions', async () => {
  const { io, stdout } = terminal({ OCC_KAFKA_CONSUMERS: '6' })
  assert.equal(await check([], io, { inspect: answers(GOOD) }), 0)
  assert.match(stdout(), /kafka\.consumers is 6 but there are only 4 partitions: 2 would be idle/)
})

test('one partition is no partitions', async () => {
  const { io, stdout } = terminal({ OCC_KAFKA_CONSUMERS: '2' })
  const topics = GOOD.topics.slice(0, 1).map((topic) => ({ ...topic, partitions: 1 }))
  await check([], io, { inspect: answers({ ...GOOD, topics }) })
  assert.match(stdout(), /kafka\.consumers is 2 but there is only 1 partition: 1 would be idle/)
})
