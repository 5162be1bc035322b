import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblems } from '../../../../src/config/check/problems.ts'
import { loadEnv, loadYaml, MIN, problemsOf, warningsOf } from '../support.ts'

const problems = [
  [{ KAFKA_HEARTBEAT_INTERVAL_MS: '45s' }, /kafka\.heartbeatInterval: is not below kafka\.session/],
  [{ KAFKA_FETCH_MAX_WAIT_MS: '30s' }, /kafka\.fetch\.maxWait: is not below kafka\.requestTimeout/],
  [
    { KAFKA_FETCH_MAX_BYTES: '2MiB', KAFKA_MAX_PARTITION_FETCH_BYTES: '4MiB' },
    /kafka\.fetch\.maxBytes: is below .*maxBytesPerPartition/,
  ],
  [{ KAFKA_FETCH_MIN_BYTES: '17MiB' }, /kafka\.fetch\.minBytes: is above kafka\.fetch\.maxBytes/],
  [{ OCC_RETRY_BACKOFF: '31s' }, /retry\.maxBackoff: is below retry\.backoff = 31s/],
  [
    { OCC_CIRCUIT_PROBE_AFTER: '31s' },
    /circuit\.maxProbeAfter: is below circuit\.probeAfter = 31s/,
  ],
  [
    { OCC_PROCESSING_MAX_IN_FLIGHT: '20', OCC_CIRCUIT_FAILURES: '20' },
    /processing\.maxInFlight: is not above circuit\.failures = 20/,
  ],
  [{ OCC_FLOW_REBALANCE_DRAIN: '60s' }, /flow\.rebalanceDrain: is not below kafka\.rebalanceTime/],
  [
    { KAFKA_TOPICS: 'solana.transfers,solana.transfers.proto' },
    /decode\.topics: holds Protocol Buffers according to its name/,
  ],
] as const

for (const [env, expected] of problems) {
  test(`a problem: ${JSON.stringify(env)}`, () => {
    const found = problemsOf(loadEnv({ ...MIN, ...env }))
    assert.equal(found.length, 1)
    assert.match(found.join(), expected)
  })
}

test('a Protocol Buffers topic is valid if its format is set', (t) => {
  const yaml = (format: string) =>
    `kafka: {brokers: [b:9092], groupId: g, topics: [x.proto]}\ndecode: {topics: [{pattern: '*.proto', format: ${format}}]}\n`
  assert.deepEqual(problemsOf(loadYaml(t, yaml('raw'), {})), [])
  assert.match(problemsOf(loadYaml(t, yaml('json'), {})).join(), /Protocol Buffers/)
})

test('a Protocol Buffers topic needs a schema and the name of its message', (t) => {
  const problems = (topic: string, decode: string) => {
    const kafka = `kafka: {brokers: [b:9092], groupId: g, topics: [${topic}]}`
    const loaded = loadYaml(t, `${kafka}\ndecode: {${decode}}\n`, {})
    return loaded.ok ? '' : formatProblems(loaded.problems)
  }
  const schemas = 'protobuf: {schemas: /schemas}'
  const rule = (rest: string) => `topics: [{pattern: '*', ${rest}}]`
  assert.match(problems('eth.tokens.proto', ''), /"eth\.tokens\.proto".* has no schema.* mount/s)
  assert.equal(problems('eth.tokens.proto', schemas), '')
  assert.match(
    problems('eth.tokens.proto', `${schemas}, ${rule('format: json')}`),
    /remove its rule/,
  )
  assert.match(problems('x.proto', schemas), /format: protobuf, message: package\.Message/)
  assert.match(problems('x', rule('format: protobuf, message: a.B')), /has no schema.* mount/s)
  assert.match(problems('x', `${schemas}, ${rule('format: protobuf')}`), /which message it holds/)
  assert.equal(problems('x', `${schemas}, ${rule('format: protobuf, message: a.B')}`), '')
  assert.match(problems('x', rule('format: json, message: a.B')), /has a message, and format: json/)
  assert.match(problems('x', rule('format: protobuf, message: a-B')), /not the name of a message/)
})

test('an Avro topic needs a schema, and a registry needs whole credentials', (t) => {
  const problems = (decode: string) => {
    const kafka = 'kafka: {brokers: [b:9092], groupId: g, topics: [x]}'
    const loaded = loadYaml(t, `${kafka}\ndecode: {${decode}}\n`, {})
    return loaded.ok ? '' : formatProblems(loaded.problems)
  }
  const rule = (rest: string) => `topics: [{pattern: '*', ${rest}}]`
  const registry = (rest: string) => `${rule('format: avro')}, registry: {${rest}}`
  const url = 'url: "https://r:8081"'
  assert.match(problems(rule('format: avro')), /"x".* is read as Avro and has no schema/s)
  assert.equal(problems(rule('format: avro, schema: a.avsc')), '')
  assert.match(problems(rule('format: json, schema: a.avsc')), /has a schema, and format: json/)
  assert.equal(problems(registry(url)), '')
  assert.equal(problems(`${rule('format: protobuf')}, registry: {${url}}`), '')
  assert.match(problems(registry('tokenFile: t')), /tokenFile\s+needs decode\.registry\.url/)
  assert.match(problems(registry(`${url}, username: u`)), /passwordFile\s+is missing/)
  assert.match(problems(registry(`${url}, passwordFile: p`)), /username\s+is missing/)
  assert.match(problems(registry(`${url}, tokenFile: absent`)), /does not exist/)
  assert.match(problems(registry('url: "https://u:p@r"')), /holds credentials/)
  assert.match(problems(registry('url: "ftp://r"')), /not the URL of a registry/)
})

test('superseded blocks are looked for by one thread only', (t) => {
  const problems = (workers: number | string) =>
    problemsOf(
      loadYaml(
        t,
        `kafka: {brokers: [b:9092], groupId: g, topics: [x]}\ndecode: {protobuf: {reorgs: true}}\nprocessing: {workers: ${workers}}\n`,
        {},
      ),
    )
  assert.deepEqual(problems(0), [])
  for (const workers of [1, 'auto']) {
    assert.match(problems(workers).join(), /decode\.protobuf\.reorgs: needs one thread/)
  }
})

const warnings = [
  [{ KAFKA_HEARTBEAT_INTERVAL_MS: '16s' }, /above a third of kafka\.sessionTimeout/],
  [{ KAFKA_SESSION_TIMEOUT_MS: '5s' }, /below the 6s that brokers allow/],
  [{ OCC_HTTP_LIVENESS_MAX_AGE: '30s' }, /http\.livenessMaxAge: is not above/],
  [{ OCC_COMMIT_MODE: 'record' }, /brokers push back/],
  [{ OCC_DECODE_MAX_MESSAGE_BYTES: '64KiB' }, /decode\.maxMessageBytes: is below 1MiB/],
  [{ OCC_FLOW_QUEUE_MAX_BYTES_PER_PARTITION: '64KiB' }, /maxBytesPerPartition: is below 1MiB/],
] as const

for (const [env, expected] of warnings) {
  test(`only a warning: ${JSON.stringify(env)}`, () => {
    const result = loadEnv({ ...MIN, ...env })
    assert.ok(result.ok)
    assert.equal(result.warnings.length, 1)
    assert.match(warningsOf(result).join(), expected)
  })
}

test('the defaults cause no warning', () => {
  assert.deepEqual(warningsOf(loadEnv(MIN)), [])
})

test('attempts, probes and records in flight that just go together are no problem', () => {
  const found = loadEnv({
    ...MIN,
    OCC_RETRY_BACKOFF: '30s',
    OCC_CIRCUIT_PROBE_AFTER: '30s',
    OCC_PROCESSING_MAX_IN_FLIGHT: '21',
    OCC_CIRCUIT_FAILURES: '20',
    KAFKA_SESSION_TIMEOUT_MS: '30m',
  })
  assert.deepEqual([problemsOf(found), warningsOf(found)], [[], []])
})
