import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbered, until, useKafka } from '../harness.ts'
import { securedEnvironment, startService } from './process.ts'

const embedded = useKafka(({ createTopic }) =>
  createTopic('scaled', 3, { 'retention.ms': '7200000' }),
)

test('/scale, /lag and /metrics tell of the whole group and of the certificates', async (t) => {
  const env = {
    ...(await securedEnvironment(t, embedded.kafka, 'scaled')),
    OCC_SCALING_INTERVAL: '200ms',
    OCC_SCALING_LAG_PER_POD: '10',
  }
  const [one, other] = [startService(t, env), startService(t, env)]
  await Promise.all([one.ready(), other.ready()])

  let scale: Record<string, unknown> = {}
  const scales = (fits: () => boolean, what: string) =>
    until(
      async () => {
        scale = JSON.parse((await one.get('/scale')).body)
        return fits()
      },
      () => `${what}; it is ${JSON.stringify(scale)}`,
    )
  await scales(() => scale['members'] === 2 && scale['consumeRate'] !== null, 'both members')
  const documents = numbered(20).map((name) => JSON.stringify(name))
  for (const partition of [0, 1, 2]) await embedded.produce('scaled', documents, partition)
  await scales(() => scale['lag'] === 0 && Number(scale['consumeRate']) > 0, 'all to be read')
  const { partitions, replicas, wantedReplicas, secondsToDrain, ageSeconds } = scale
  assert.deepEqual([partitions, replicas, wantedReplicas, secondsToDrain], [3, 2, 1, 0])
  assert.equal(typeof ageSeconds, 'number')

  const lag = JSON.parse((await one.get('/lag')).body)
  const { ageSeconds: groupAge, ...group } = lag.group
  assert.deepEqual(group, { partitions: 3, members: 2, secondsToDrain: 0 })
  assert.equal(typeof groupAge, 'number')
  assert.ok(lag.totals.partitions < 3, 'the rest belongs to the other')
  for (const { secondsUntilLoss } of lag.partitions) assert.equal(secondsUntilLoss, 7_200)

  const shown = async () => (await other.get('/metrics')).body
  await until(async () => /^onchain_consumer_group_lag_records 0$/m.test(await shown()), 'lag 0')
  const body = await shown()
  assert.match(body, /^onchain_consumer_group_members 2$/m)
  assert.match(body, /^onchain_consumer_scaling_advice\{advice="add-partitions"\} 0$/m)
  const days = /^onchain_consumer_certificate_days_left\{certificate="(\w+)",subject=".+"\} \d/gm
  const kinds = Array.from(body.matchAll(days), ([, kind]) => kind)
  assert.deepEqual(kinds.sort(), ['ca', 'client'])
})
