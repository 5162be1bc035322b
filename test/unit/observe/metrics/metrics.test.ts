import assert from 'node:assert/strict'
import test from 'node:test'
import { metricDefinitions } from '../../../../src/observe/metrics/table.ts'
import { memberStatus, partitionStatus, scalingReportOf } from '../../../support/status.ts'
import { setUp, TOPIC } from './set-up.ts'

test('a revoked partition is removed from every gauge, and the counters of its topic continue', async () => {
  const away = partitionStatus({
    partition: 1,
    oldestTakenAt: 0,
    problem: { reason: 'corrupt', message: '', since: 0, damage: null },
    blockedByTransaction: { records: 7, since: 0 },
  })
  const { meters, scrape, become } = setUp({ partitions: [partitionStatus(), away] })
  meters.topic(TOPIC).records += 10
  const gauges = metricDefinitions.flatMap(({ name }) =>
    name.startsWith('onchain_consumer_partition_') ? [name] : [],
  )
  const showing = async (partition: string) =>
    [...(await scrape())].flatMap(([name, { samples }]) =>
      samples.some(({ labels }) => labels['partition'] === partition) ? [name] : [],
    )
  assert.ok(gauges.length > 15)
  assert.deepEqual((await showing('1')).sort(), gauges.sort())
  become({ partitions: [partitionStatus()] })
  assert.deepEqual(await showing('1'), [])
  assert.ok((await showing('0')).length > 15)
  become({ partitions: [] })
  assert.deepEqual(await showing('0'), [])
  const records = (await scrape()).get('onchain_consumer_records_total')
  assert.deepEqual(records?.samples[0]?.value, 10)
})

test('a partition that two members report during a handover does not break the scrape', async () => {
  const { values } = setUp({
    partitions: [partitionStatus(), partitionStatus({ member: 'consumer-1', lag: 5 })],
  })
  assert.deepEqual(await values('onchain_consumer_partition_lag_records'), {
    'solana.transfers,0': 5,
  })
})

test('a scrape that takes long lets other work go on, and those at the same time get the same', async () => {
  let time = 0
  const { render } = setUp({}, () => (time += 20))
  let turns = 0
  const count = () => {
    turns += 1
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  const [first, second] = [render(), render()]
  const text = await first
  clearImmediate(next)
  assert.ok(turns > 10, `${turns} turns`)
  assert.equal(await second, text)
  assert.notEqual(render(), first)
})

test('an unknown value is left out, not 0', async () => {
  const { values } = setUp({
    partitions: [
      partitionStatus({ lag: null, endOffset: null, committedOffset: null, position: null }),
    ],
  })
  for (const what of ['lag_records', 'end_offset', 'committed_offset', 'position_offset']) {
    assert.deepEqual(await values(`onchain_consumer_partition_${what}`), {}, what)
  }
})

test('lag as time: the age of the oldest record, 0 when caught up, left out when unknown', async () => {
  const { values } = setUp({
    partitions: [
      partitionStatus({ partition: 0, oldestUnprocessedTime: 1_000_000 }),
      partitionStatus({ partition: 1, oldestUnprocessedTime: null, caughtUp: true }),
      partitionStatus({ partition: 2, oldestUnprocessedTime: null, caughtUp: false }),
      partitionStatus({ partition: 3, oldestUnprocessedTime: 2_000_000 }),
    ],
  })
  assert.deepEqual(await values('onchain_consumer_partition_oldest_unprocessed_age_seconds'), {
    'solana.transfers,0': 60,
    'solana.transfers,1': 0,
    'solana.transfers,3': 0,
  })
})

test('a member shows its state, its partitions and the age of its last turn', async () => {
  const { values } = setUp({
    members: [memberStatus({ state: 'waiting', partitions: 6, lastTurn: 3_500 })],
  })
  assert.deepEqual(await values('onchain_consumer_member_state'), {
    'consumer-0,connecting': 0,
    'consumer-0,joining': 0,
    'consumer-0,joined': 0,
    'consumer-0,waiting': 1,
    'consumer-0,stopped': 0,
  })
  assert.deepEqual(await values('onchain_consumer_member_partitions'), { 'consumer-0': 6 })
  assert.deepEqual(await values('onchain_consumer_member_last_turn_age_seconds'), {
    'consumer-0': 1.5,
  })
})

test('text from outside cannot break the exposition', async () => {
  const { meters, values } = setUp()
  const code = 'a "quoted" \\ code\nof two lines'
  meters.countError('broker', code)
  assert.deepEqual(await values('onchain_consumer_errors_total'), { [`broker,${code}`]: 1 })
})

test('build info names the versions', async () => {
  const { values } = setUp()
  assert.deepEqual(await values('onchain_consumer_build_info'), {
    [`1.2.3,${process.versions.node},2.2.4`]: 1,
  })
})

test('the topics of a group of its own are counted apart, its handlers and errors together', async () => {
  const { meters, values } = setUp()
  const own = meters.ofGroup('app.slack')
  meters.topic(TOPIC).handled = 5
  own.topic(TOPIC).handled = 2
  own.handler('slack').timeouts = 1
  own.countError('sink', 'OCC_X')
  assert.deepEqual(await values('onchain_consumer_handled_records_total'), {
    [TOPIC]: 5,
    [`${TOPIC},app.slack`]: 2,
  })
  assert.deepEqual(await values('onchain_consumer_handler_timeouts_total'), { slack: 1 })
  assert.deepEqual(await values('onchain_consumer_errors_total'), { 'sink,OCC_X': 1 })
})

test('the group is shown as it was read, and left out while it is not known', async () => {
  const { values, groupBecomes } = setUp()
  const lag = () => values('onchain_consumer_group_lag_records')
  assert.deepEqual(await lag(), { '': 600, 'app.slack': 600 })
  groupBecomes(scalingReportOf({ lag: 0, secondsToDrain: null }))
  assert.deepEqual(await lag(), { '': 0, 'app.slack': 0 })
  assert.deepEqual(await values('onchain_consumer_group_drain_seconds'), {})
  groupBecomes({ known: false, reason: 'too old', advice: [] })
  assert.deepEqual(await lag(), {})
})

test('advice is 1 for the given advice and 0 for the rest', async () => {
  const { values, groupBecomes } = setUp()
  groupBecomes(scalingReportOf({ advice: [{ kind: 'remove-replicas', text: 'fewer' }] }))
  assert.deepEqual(await values('onchain_consumer_scaling_advice'), {
    'add-partitions': 0,
    'remove-replicas': 1,
    'raise-concurrency': 0,
    'relax-order': 0,
  })
})

test('a certificate shows the days that are left, negative once it has expired', async () => {
  const { values } = setUp()
  assert.deepEqual(await values('onchain_consumer_certificate_days_left'), {
    'client,CN="me"': 1.5,
    'ca,CN=ca': -0.5,
  })
  const expiry = await values('onchain_consumer_certificate_expiry_timestamp_seconds')
  assert.equal(expiry['client,CN="me"'], 1_060 + 36 * 3_600)
})

test('why a partition is not consumed: the problem while it lasts, and a transaction that keeps records back', async () => {
  const problem = { reason: 'no-leader', message: '', since: 0, damage: null }
  const blockedByTransaction = { records: 7, since: 1_058_000 }
  const { become, scrape, values } = setUp({
    partitions: [
      partitionStatus({ problem }),
      partitionStatus({ partition: 1, blockedByTransaction }),
    ],
  })
  const name = 'onchain_consumer_partition_problem'
  assert.deepEqual(await values(name), { [`${TOPIC},0,no-leader`]: 1 })
  const blocked = 'onchain_consumer_partition_blocked_by_transaction'
  assert.deepEqual(await values(blocked), { [`${TOPIC},0`]: 0, [`${TOPIC},1`]: 7 })
  assert.deepEqual(await values(`${blocked}_seconds`), { [`${TOPIC},0`]: 0, [`${TOPIC},1`]: 2 })
  become({})
  assert.deepEqual((await scrape()).get(name)?.samples ?? [], [])
})
