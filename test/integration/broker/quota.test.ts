import assert from 'node:assert/strict'
import { test } from 'node:test'
import { consuming, numbered, until, useOwnKafka } from '../harness.ts'

const TOPIC = 'quota'
const RECORDS = 80
/** Bytes a second that the broker lets a consumer have: so that a few seconds are needed. */
const RATE = 30_000

const embedded = useOwnKafka(
  { properties: { 'quota.window.num': '2', 'quota.window.size.seconds': '1' } },
  async ({ kafka, createTopic }) => {
    await createTopic(TOPIC, 2)
    const rate = ['--add-config', `consumer_byte_rate=${RATE}`]
    const all = ['--alter', '--entity-type', 'clients', '--entity-default']
    const made = await kafka.tools.configs([...all, ...rate])
    assert.equal(made.code, 0, made.stderr)
  },
)

test('a consumer that the broker throttles reads all of it, says how long, and keeps its membership', async (t) => {
  const padding = 'x'.repeat(1_200)
  for (const partition of [0, 1]) {
    const values = numbered(RECORDS, `of-${partition}`).map((value) => `${value} ${padding}`)
    for (let at = 0; at < RECORDS; at += 10) {
      await embedded.produce(TOPIC, values.slice(at, at + 10), partition)
    }
  }
  const service = consuming(t, embedded, {
    // Heartbeats that waited for the quota would be too late in the end.
    member: {
      ...{ groupId: TOPIC, topics: [TOPIC], sessionTimeout: 6_000 },
      fetch: { minBytes: 1, maxBytes: 20_000, maxBytesPerPartition: 20_000, maxWait: 200 },
    },
  })
  const { process } = service.meters
  const member = service.join()
  await member.joined()
  await until(() => process.throttledSeconds > 0, 'the first throttling')
  await until(() => service.handled.length === 2 * RECORDS, 'all records')
  await until(
    async () => (await embedded.committed(TOPIC, TOPIC)).every((offset) => offset === RECORDS),
    'their commit',
  )
  const names = service.values().map((value) => value.split(' ')[0])
  assert.deepEqual(
    names.toSorted(),
    [...numbered(RECORDS, 'of-0'), ...numbered(RECORDS, 'of-1')].toSorted(),
    'each once',
  )
  t.diagnostic(
    `throttled for ${process.throttledSeconds.toFixed(1)} s in ${process.fetches} fetches; in ${2 * RECORDS}, out ${names.length}, lost 0, twice 0`,
  )
  assert.ok(process.throttledSeconds > 1, String(process.throttledSeconds))
  const { assigned, revoked, lost } = process.rebalances
  assert.deepEqual(
    { assigned, revoked, lost, restarts: process.restarts },
    {
      ...{ assigned: 1, revoked: 0, lost: 0, restarts: 0 },
    },
  )
})
