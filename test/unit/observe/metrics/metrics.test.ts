import assert from 'node:assert/strict'
import test from 'node:test'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { processMetricNames } from '../../../../src/observe/metrics/default.ts'
import { createMetrics } from '../../../../src/observe/metrics/metrics.ts'
import { metricDefinitions } from '../../../../src/observe/metrics/table.ts'
import type { ScalingReport, ServiceStatus } from '../../../../src/observe/types.ts'
import {
  circuitStatus,
  memberStatus,
  partitionStatus,
  scalingReportOf,
  serviceStatus,
} from '../../../support/status.ts'
import { parseExposition } from '../exposition.ts'

const TOPIC = 'solana.transfers'

function setUp(initial: Partial<ServiceStatus> = {}) {
  const meters = createMeters()
  let current = serviceStatus(initial)
  let scaling: ScalingReport = scalingReportOf()
  const metrics = createMetrics({
    meters,
    status: { status: () => current },
    version: { version: '1.2.3', kafkajs: '2.2.4' },
    scaling: {
      report: () => scaling,
      groups: () => [
        { id: 'app', isOwn: false, report: scaling },
        { id: 'app.slack', isOwn: true, report: scaling },
      ],
    },
    certificates: {
      certificates: () => [
        { name: 'client', subject: 'CN="me"', notAfter: 1_060_000 + 36 * 3_600_000 },
        { name: 'ca', subject: 'CN=ca', notAfter: 1_060_000 - 12 * 3_600_000 },
      ],
    },
    clock: { now: () => 1_060_000, monotonic: () => 5_000 },
  })
  const scrape = async () => parseExposition(await metrics.render())
  return {
    meters,
    scrape,
    become: (changes: Partial<ServiceStatus>) => {
      current = serviceStatus(changes)
    },
    groupBecomes: (report: ScalingReport) => {
      scaling = report
    },
    /** The values of a metric by its labels' values, joined with commas. */
    async values(name: string) {
      const samples = (await scrape()).get(name)?.samples ?? assert.fail(`no ${name}`)
      return Object.fromEntries(
        samples.map(({ labels, value }) => [Object.values(labels).join(','), value]),
      )
    },
  }
}

test('the rendered metrics are those of the table: names, types, help, labels', async () => {
  const problem = { reason: 'corrupt', message: '', since: 0, damage: null }
  const group = 'app.slack'
  const partitions = [partitionStatus({ problem }), partitionStatus({ problem, group })]
  const { meters, scrape } = setUp({
    pauses: [{ topic: TOPIC }],
    partitions,
    members: [memberStatus(), memberStatus({ id: 'slack/consumer-0', group })],
    circuits: [circuitStatus(), circuitStatus({ handler: 'slack', group })],
    load: { ...serviceStatus().load, groups: [{ group, inFlight: 1, concurrency: 2 }] },
  })
  const own = meters.ofGroup(group).topic(TOPIC)
  own.encodings['plain'] = 1
  own.fetchErrors.set('NOT_LEADER_OR_FOLLOWER', 1)
  own.failedRecords.set('OCC_BAD_JSON', 1)
  meters.topic(TOPIC).encodings['plain'] = 1
  meters.topic(TOPIC).fetchErrors.set('NOT_LEADER_OR_FOLLOWER', 1)
  meters.process.rebalancesByProtocol.set('cooperative-sticky', 1)
  meters.topic(TOPIC).failedRecords.set('OCC_BAD_JSON', 1)
  meters.countError('broker', 'ECONNREFUSED')
  meters.handler('whale-alert')
  meters.deadLetterTarget('file').errors.set('OCC_DEAD_LETTERS_FULL', 1)
  meters.sink('db').errors.set('OCC_POSTGRES', 1)
  const families = await scrape()
  const ours = metricDefinitions.map(({ name }) => name)
  assert.deepEqual([...families.keys()].sort(), [...ours, ...processMetricNames].sort())
  for (const { name, type, help, labels } of metricDefinitions) {
    const family = families.get(name)
    assert.deepEqual([family?.type, family?.help], [type, help])
    const used = new Set(family?.samples.flatMap((sample) => Object.keys(sample.labels)))
    used.delete('le')
    assert.deepEqual([...used].sort(), [...labels].sort(), name)
  }
})

test('the histograms have the buckets the table declares', async () => {
  const { meters, scrape } = setUp()
  meters.topic(TOPIC)
  meters.handler('whale-alert')
  meters.deadLetterTarget('file').errors.set('OCC_DEAD_LETTERS_FULL', 1)
  meters.sink('db').errors.set('OCC_POSTGRES', 1)
  const families = await scrape()
  for (const definition of metricDefinitions) {
    if (definition.type !== 'histogram') continue
    const buckets = families
      .get(definition.name)
      ?.samples.filter(({ name }) => name.endsWith('_bucket'))
      .map(({ labels }) => labels['le'])
    assert.deepEqual(buckets, [...definition.buckets.map(String), '+Inf'], definition.name)
  }
})

test('names follow the conventions: counters end in _total, times in seconds', () => {
  for (const { name, type, unit } of metricDefinitions) {
    assert.match(name, /^onchain_consumer_[a-z0-9_]+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    if (unit === 'seconds' || unit === 'bytes') assert.match(name, new RegExp(`_${unit}(_total)?$`))
  }
})

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

test('each field of a meter is read by its metric', async () => {
  const { meters, values } = setUp()
  const meter = meters.topic(TOPIC)
  const byName = {
    records: 'records',
    bytes: 'record_bytes',
    decodedBytes: 'decoded_bytes',
    events: 'events',
    duplicates: 'duplicate_events',
    handled: 'handled_records',
    skipped: 'skipped_records',
    recordsLost: 'records_lost',
    recordsCut: 'records_cut',
  } as const
  let next = 1
  for (const key of Object.keys(byName) as Array<keyof typeof byName>) meter[key] = next++
  next = 1
  for (const name of Object.values(byName)) {
    assert.deepEqual(await values(`onchain_consumer_${name}_total`), { [TOPIC]: next++ })
  }
  meter.encodings['lz4'] = 5
  const encoded = 'onchain_consumer_encoded_records_total'
  assert.deepEqual(await values(encoded), { [`${TOPIC},lz4`]: 5 })
  meters.process.commits.fenced += 2
  meters.process.rebalances.lost += 3
  meters.process.loggedLines.warn += 4
  assert.equal((await values('onchain_consumer_commits_total'))['fenced'], 2)
  assert.equal((await values('onchain_consumer_rebalances_total'))['lost'], 3)
  assert.equal((await values('onchain_consumer_log_lines_total'))['warn'], 4)
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
  assert.deepEqual([...own.errors], [{ room: 'sink', code: 'OCC_X', count: 1 }])
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
