import assert from 'node:assert/strict'
import test from 'node:test'
import { processMetricNames } from '../../../../src/observe/metrics/default.ts'
import { metricDefinitions } from '../../../../src/observe/metrics/table.ts'
import {
  circuitStatus,
  memberStatus,
  partitionStatus,
  pauseOf,
  serviceStatus,
} from '../../../support/status.ts'
import { setUp, TOPIC } from './set-up.ts'

test('the rendered metrics are those of the table: names, types, help, labels', async () => {
  const problem = { reason: 'corrupt', message: '', since: 0, damage: null }
  const group = 'app.slack'
  const partitions = [partitionStatus({ problem }), partitionStatus({ problem, group })]
  const { meters, scrape } = setUp({
    pauses: [pauseOf({ topic: TOPIC }, { until: 90_000 })],
    parked: [{ group: 'own', records: 2, due: 1, nextDueAt: 1_000, countedAt: 2_000 }],
    partitions,
    members: [memberStatus(), memberStatus({ id: 'slack/consumer-0', group })],
    circuits: [circuitStatus(), circuitStatus({ handler: 'slack', group })],
    load: { ...serviceStatus().load, groups: [{ group, inFlight: 1, concurrency: 2 }] },
  })
  const own = meters.ofGroup(group).topic(TOPIC)
  own.encodings['plain'] = 1
  own.fetchErrors.count('NOT_LEADER_OR_FOLLOWER')
  own.failedRecords.count('OCC_BAD_JSON')
  meters.topic(TOPIC).encodings['plain'] = 1
  meters.topic(TOPIC).fetchErrors.count('NOT_LEADER_OR_FOLLOWER')
  meters.process.rebalancesByProtocol.set('cooperative-sticky', 1)
  meters.topic(TOPIC).failedRecords.count('OCC_BAD_JSON')
  meters.countError('broker', 'ECONNREFUSED')
  meters.handler('whale-alert')
  meters.deadLetterTarget('file').errors.count('OCC_DEAD_LETTERS_FULL')
  meters.sink('db').errors.count('OCC_POSTGRES')
  meters.database('sinks.db')
  meters.alert('whale')
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
  meters.deadLetterTarget('file').errors.count('OCC_DEAD_LETTERS_FULL')
  meters.sink('db').errors.count('OCC_POSTGRES')
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
