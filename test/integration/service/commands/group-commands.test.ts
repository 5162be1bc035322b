import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until, useKafka } from '../../harness.ts'
import { runHere } from '../process.ts'

const TOPIC = 'solana.transfers'
const GROUP = 'alerts'
const HOUR = 3_600_000

const embedded = useKafka(async ({ createTopic, send, admin }) => {
  await createTopic(TOPIC, 3, { 'retention.ms': String(2 * HOUR) })
  const old = String(Date.now() - HOUR)
  for (const partition of [0, 1, 2]) {
    const messages = [1, 2, 3, 4].map((n) => ({ value: `{"n":${n}}`, partition, timestamp: old }))
    await send(TOPIC, messages)
  }
  const offsets = (partition: number, offset: string) => ({ partition, offset })
  // Nothing of partition 2.
  const partitions = [offsets(0, '4'), offsets(1, '1')]
  await admin.setOffsets({ groupId: GROUP, topic: TOPIC, partitions })
})

const brokers = () => ['--brokers', embedded.kafka.brokers.plaintext]
const run = (...args: string[]) => runHere([...args, ...brokers()])

async function json(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, '--json')
  assert.deepEqual([code, stderr], [0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('lag says what waits, how old it is and when it is lost; what is not known is null or ?', async () => {
  const [lag] = await json('lag', '--group', GROUP, '--over', '0s')
  assert.deepEqual([lag.group, lag.state, lag.members, lag.lag], [GROUP, 'Empty', 0, 3])
  const rows = lag.partitions.map((each: Record<string, unknown>) => [
    ...[each['partition'], each['committed'], each['end'], each['lag'], each['trend']],
    each['owner'],
  ])
  assert.deepEqual(rows, [
    [0, 4, 4, 0, 'ok', null],
    [1, 1, 4, 3, 'unknown', null],
    [2, null, 4, null, 'unknown', null],
  ])
  const [, behind, none] = lag.partitions
  assert.ok(behind.ageSeconds >= 3_600 && behind.ageSeconds < 4_600, behind.ageSeconds)
  assert.ok(behind.secondsUntilLoss <= 3_600 && behind.secondsUntilLoss > 2_600)
  assert.deepEqual(
    [none.ageSeconds, none.secondsUntilLoss, none.secondsToDrain],
    [null, null, null],
  )
  const { code, stdout } = await run('lag', '--group', GROUP, '--over', '3s')
  assert.equal(code, 0)
  assert.match(stdout, /^alerts {2}stalled {2}Empty, 0 members, 3 partitions \(1 unknown\)$/m)
  assert.match(stdout, /^ +1 +1 +4 +3 +1h 0\dm +\d\dm \d\ds +\? +stalled +none$/m)
  assert.match(stdout, /^ +2 +\? +4 +\? +\? +\? +\? +unknown +none$/m)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 120, line)
  assert.doesNotMatch(stdout, new RegExp(String.fromCharCode(27)))
})

test('lag and groups name the owners, and groups the lag of each group', async (t) => {
  const consumer = embedded.client.consumer({ groupId: 'java-like' })
  t.after(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
  await consumer.run({ eachMessage: async () => {} })
  let owned: ReadonlyArray<{ clientId: string; host: string } | null> = []
  await until(async () => {
    const [lag] = await json('lag', '--group', 'java-like', '--over', '0s')
    owned = lag.partitions.map(({ owner }: { owner: null }) => owner)
    return lag.lag === 0 && lag.partitions.length === 3
  }, 'the group to commit everything')
  assert.deepEqual(
    owned.map((owner) => [owner?.clientId, owner?.host]),
    Array(3).fill(['kafkajs', '127.0.0.1']),
  )
  const groups = await json('groups')
  assert.deepEqual(
    groups.map(({ group, state, members, lag, topics }) => [
      group,
      state,
      members.length,
      lag,
      topics,
    ]),
    [
      [GROUP, 'Empty', 0, 3, [TOPIC]],
      ['java-like', 'Stable', 1, 0, [TOPIC]],
    ],
  )
  const { stdout } = await run('groups', '--group', 'java-like')
  assert.match(stdout, /^java-like +Stable +1 +RoundRobinAssigner +0 +solana\.transfers$/m)
  assert.match(stdout, /solana\.transfers\/0, solana\.transfers\/1, solana\.transfers\/2/)
})

test('topics says partitions, records, size and retention, of one topic also its leaders', async () => {
  const [topic] = await json('topics')
  const { partitions, ...facts } = topic
  assert.deepEqual([facts.topic, facts.replicas, facts.records], [TOPIC, 1, 12])
  assert.equal(facts.retentionSeconds, 7_200)
  assert.ok(facts.bytes > 0 && facts.problem === null)
  assert.deepEqual(
    partitions.map(({ partition, inSync, low, end }: Record<string, unknown>) => [
      partition,
      (inSync as number[]).length,
      low,
      end,
    ]),
    [
      [0, 1, 0, 4],
      [1, 1, 0, 4],
      [2, 1, 0, 4],
    ],
  )
  const { stdout } = await run('topics', '--topic', TOPIC)
  assert.match(stdout, /^solana\.transfers +3 +1 +12 +\d+ B +2h 00m$/m)
  assert.match(stdout, /^ +2 +\d+ +\d+ +\d+ +0 +4 +4 +\d+ B$/m)
})

test('a group or a topic that does not exist: one message, with what was meant', async () => {
  const noGroup = await run('lag', '--group', 'alert')
  assert.deepEqual([noGroup.code, noGroup.stdout], [1, ''])
  assert.match(noGroup.stderr, /^There is no consumer group "alert" .*Did you mean "alerts"\?\n$/)
  assert.match((await run('groups', '--group', 'alerst')).stderr, /Did you mean "alerts"\?\n$/)
  const noTopic = await run('topics', '--topic', 'solana.transfer')
  assert.deepEqual([noTopic.code, noTopic.stdout], [1, ''])
  assert.match(
    noTopic.stderr,
    /^Reading the topic "solana\.transfer": .*Did you mean "solana\.transfers"\?\n$/,
  )
  const none = await run('lag')
  assert.equal(none.code, 2)
  assert.match(none.stderr, /no group to look at; give --group NAME/)
})
