import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { LoadResult } from '../../../../src/config/load/load.ts'
import { propertyRules } from '../../../../src/config/properties/index.ts'
import { fieldOf } from '../../../../src/config/schema/catalog.ts'
import { configOf, loadYaml, MIN, problemsOf, textOf, warningsOf } from '../support.ts'

function paste(t: TestContext, properties: Record<string, unknown>, rest = ''): LoadResult {
  const lines = Object.entries(properties).map(
    ([name, value]) => `    ${name}: ${JSON.stringify(value)}`,
  )
  return loadYaml(t, `kafka:\n  properties:\n${lines.join('\n')}\n${rest}`)
}

test('every property becomes a key that exists', () => {
  for (const { name, key } of propertyRules.values()) {
    if (key !== undefined) assert.equal(fieldOf(key)?.key, key, name)
  }
})

test('the properties of a production guide become settings', (t) => {
  const result = paste(t, {
    'bootstrap.servers': 'a:9092,b:9092',
    'session.timeout.ms': 30000,
    'heartbeat.interval.ms': '5000',
    'max.poll.interval.ms': 300000,
    'auto.offset.reset': 'largest',
    'enable.auto.commit': false,
    'auto.commit.interval.ms': 2000,
    'isolation.level': 'read_uncommitted',
    'fetch.min.bytes': 1024,
    'fetch.wait.max.ms': 250,
    'fetch.max.bytes': 33554432,
    'max.partition.fetch.bytes': 2097152,
    'client.id': '42',
    'client.rack': 'eu-1a',
    'metadata.max.age.ms': 10000,
    'socket.timeout.ms': 20000,
    'enable.partition.eof': true,
    'allow.auto.create.topics': 'false',
    'group.protocol': 'classic',
  })
  const { kafka, commit } = configOf(result)
  assert.deepEqual(kafka.brokers, ['a:9092', 'b:9092'])
  assert.equal(kafka.sessionTimeout, 30_000)
  assert.equal(kafka.heartbeatInterval, 5000)
  assert.equal(kafka.rebalanceTimeout, 300_000)
  assert.equal(kafka.autoOffsetReset, 'latest')
  assert.equal(kafka.isolationLevel, 'read_uncommitted')
  assert.deepEqual(kafka.fetch, {
    minBytes: 1024,
    maxBytes: 33_554_432,
    maxBytesPerPartition: 2_097_152,
    maxBatchBytes: 67_108_864,
    maxWait: 250,
  })
  assert.equal(kafka.clientId, '42')
  assert.equal(kafka.rackId, 'eu-1a')
  assert.equal(kafka.metadataMaxAge, 10_000)
  assert.equal(kafka.requestTimeout, 20_000)
  assert.equal(commit.interval, 2000)
  assert.equal('properties' in kafka, false)
})

test('security properties become settings, host names unverified at most', (t) => {
  const result = paste(t, {
    'security.protocol': 'sasl_ssl',
    'sasl.mechanisms': 'scram-sha-512',
    'sasl.username': 'user',
    'ssl.ca.location': '/none/ca.pem',
    'ssl.endpoint.identification.algorithm': 'none',
    'enable.ssl.certificate.verification': true,
  })
  assert.deepEqual(problemsOf(result), [
    'kafka.sasl.passwordFile: is missing, and kafka.securityProtocol is SASL_SSL',
    'kafka.tls.caFile: names a file that does not exist',
  ])
  assert.match(textOf(result), /from kafka\.properties\["ssl\.ca\.location"\]/)
})

for (const [value, expected] of [
  ['smallest', 'earliest'],
  ['beginning', 'earliest'],
  ['earliest', 'earliest'],
  ['end', 'latest'],
  ['latest', 'latest'],
  ['error', 'none'],
] as const) {
  test(`auto.offset.reset ${value} is ${expected}`, (t) => {
    assert.equal(configOf(paste(t, { 'auto.offset.reset': value })).kafka.autoOffsetReset, expected)
  })
}

for (const [value, expected] of [
  ['', 'ca'],
  ['none', 'ca'],
  ['https', 'full'],
] as const) {
  test(`ssl.endpoint.identification.algorithm "${value}" is verify: ${expected}`, (t) => {
    const result = paste(t, {
      'security.protocol': 'SSL',
      'ssl.endpoint.identification.algorithm': value,
    })
    assert.equal(configOf(result).kafka.tls?.verify, expected)
  })
}

const refusals = [
  ['group.protocol', 'consumer', /classic group protocol only/],
  ['allow.auto.create.topics', true, /must not be created/],
  ['enable.ssl.certificate.verification', false, /chain of a certificate is always verified/],
  ['ssl.truststore.location', '/x.jks', /Java key stores are not read/],
  ['auto.offset.reset', 'constructor', /unknown value/],
  ['partition.assignment.strategy', 'MyAssignor', /names an unknown assignor/],
  ['linger.ms', 5, /for producers/],
  ['auto.ofset.reset', 'latest', /not a known property\. Did you mean auto\.offset\.reset\?/],
  ['fetch.wait.max.ms', 'soon', /is not a duration/],
] as const

for (const [name, value, expected] of refusals) {
  test(`${name}=${value} is a problem that says why`, (t) => {
    const result = paste(t, { [name]: value })
    assert.equal(problemsOf(result).length, 1)
    assert.match(textOf(result), expected)
    assert.match(textOf(result), new RegExp(`kafka\\.properties\\["${name}"\\]`))
  })
}

test('secrets among the properties are refused and never shown', (t) => {
  const result = paste(t, {
    'sasl.password': 'hunter2',
    'ssl.key.password': 'hunter2',
    'sasl.jaas.config': 'x required username="u" password="hunter2";',
    'ssl.keystore.password': 'hunter2',
    'ssl.key.pem': 'hunter2',
    'sasl.pasword': 'hunter2',
  })
  assert.equal(problemsOf(result).length, 6)
  assert.match(textOf(result), /kafka\.sasl\.passwordFile/)
  assert.doesNotMatch(textOf(result), /hunter2/)
})

test('assignment strategies keep their order, and static membership and checksums are mapped', (t) => {
  const result = paste(t, {
    'partition.assignment.strategy':
      'cooperative-sticky,org.apache.kafka.clients.consumer.RangeAssignor',
    'group.instance.id': 'pod-3',
    'check.crcs': 'false',
  })
  const { kafka } = configOf(result)
  assert.deepEqual(kafka.assignmentStrategy, ['cooperative-sticky', 'range'])
  assert.equal(kafka.groupInstanceId, 'pod-3')
  assert.equal(kafka.checkCrcs, false)
})

test('automatic commits become commits of finished records, which is said', (t) => {
  const result = paste(t, { 'enable.auto.commit': true })
  assert.equal(configOf(result).commit.mode, 'interval')
  assert.match(warningsOf(result).join(), /commits finished records only/)
})

test('a property that contradicts a key names both, one that agrees is fine', (t) => {
  const contradicting = paste(t, { 'session.timeout.ms': 30000 }, '  sessionTimeout: 45s\n')
  assert.deepEqual(problemsOf(contradicting), [
    'kafka.properties["session.timeout.ms"]: contradicts kafka.sessionTimeout = "45s"',
  ])
  assert.ok(paste(t, { 'session.timeout.ms': 45000 }, '  sessionTimeout: 45s\n').ok)
  const twice = paste(t, { 'fetch.wait.max.ms': 1, 'fetch.max.wait.ms': 2 })
  assert.deepEqual(problemsOf(twice), [
    'kafka.properties["fetch.max.wait.ms"]: contradicts kafka.properties["fetch.wait.max.ms"] = 1',
  ])
  const committing = paste(t, { 'enable.auto.commit': true }, 'commit: {mode: batch}\n')
  assert.match(textOf(committing), /contradicts commit\.mode = "batch"/)
})

test('the environment beats a property', (t) => {
  const yaml = 'kafka: {properties: {group.id: from-property}}\n'
  const config = configOf(loadYaml(t, yaml, { ...MIN, KAFKA_GROUP_ID: 'from-env' }))
  assert.equal(config.kafka.groupId, 'from-env')
})

test('properties must be a map of single values', (t) => {
  assert.deepEqual(problemsOf(loadYaml(t, 'kafka: {properties: [a]}\n')), [
    'kafka.properties: is of the wrong type',
  ])
  assert.deepEqual(problemsOf(paste(t, { 'group.id': ['a'] })), [
    'kafka.properties["group.id"]: is not a single value',
  ])
})
