import assert from 'node:assert/strict'
import test from 'node:test'
import { fields } from '../../../../src/config/schema/catalog.ts'
import { loadEnv, MIN, problemsOf, textOf, warningsOf } from '../support.ts'

test('every scalar has its own variable', () => {
  const names = fields.flatMap(({ env }) => (env === undefined ? [] : [env]))
  assert.equal(new Set(names).size, names.length)
  const without = fields.filter(({ env }) => env === undefined).map(({ key }) => key)
  assert.deepEqual(without, ['kafka.properties', 'decode.topics', 'handlers', 'sinks', 'alerts'])
  assert.ok(names.includes('OCC_FLOW_QUEUE_MAX_BYTES_PER_PARTITION'))
})

test('every variable reaches its key', () => {
  for (const { env, key, kind } of fields) {
    if (env === undefined || kind === 'file' || kind === 'text') continue
    // Any text is valid for these.
    if (key === 'filter.assets') continue
    const result = loadEnv({ ...MIN, [env]: '?' })
    const said = result.ok ? [] : result.problems
    assert.ok(
      said.some((one) => one.key.startsWith(key) && one.source === env),
      `${env} does not reach ${key}`,
    )
  }
})

test('an unknown OCC_ variable is a problem with a suggestion', () => {
  assert.deepEqual(problemsOf(loadEnv({ ...MIN, OCC_LOG_LEVL: 'info' })), [
    'OCC_LOG_LEVL: is not a known variable. Did you mean OCC_LOG_LEVEL?',
  ])
  assert.deepEqual(problemsOf(loadEnv({ ...MIN, OCC_KAFKA_GROUP_ID: 'g' })), [
    'OCC_KAFKA_GROUP_ID: is not a known variable. Did you mean KAFKA_GROUP_ID?',
  ])
  // Kubernetes sets such names, too, but not to a number.
  assert.deepEqual(problemsOf(loadEnv({ ...MIN, OCC_HTTP_PORT: '8098' })), [
    'OCC_HTTP_PORT: is not a known variable. Did you mean HTTP_PORT?',
  ])
  assert.deepEqual(problemsOf(loadEnv({ ...MIN, OCC_HTTP_PRT: '8098' })), [
    'OCC_HTTP_PRT: is not a known variable. Did you mean HTTP_PORT?',
  ])
})

test('an unknown KAFKA_ variable is a warning if it looks like one of ours', () => {
  const env = {
    ...MIN,
    KAFKA_BROKERS: 'a:1',
    KAFKA_GROUPID: 'g',
    KAFKA_MAX_POLL_INTERVAL_MS: '1',
    KAFKA_HEAP_OPTS: '-Xmx1g',
  }
  assert.deepEqual(warningsOf(loadEnv(env)), [
    'KAFKA_BROKERS: is not read. Did you mean KAFKA_BOOTSTRAP_SERVERS?',
    'KAFKA_GROUPID: is not read. Did you mean KAFKA_GROUP_ID?',
    'KAFKA_MAX_POLL_INTERVAL_MS: is not read. Did you mean KAFKA_REBALANCE_TIMEOUT_MS?',
  ])
})

test('variables that Kubernetes sets for Services are ignored, and never taken for a value', () => {
  const links = {
    OCC_SERVICE_HOST: '10.0.0.1',
    OCC_PORT: 'tcp://10.0.0.1:80',
    OCC_PORT_80_TCP_ADDR: '10.0.0.1',
    KAFKA_PORT: 'tcp://10.0.0.2:9092',
    HTTP_PORT: 'tcp://10.0.0.3:80',
  }
  const result = loadEnv({ ...MIN, ...links })
  assert.ok(result.ok)
  assert.equal(result.config.http.port, 8080)
  assert.equal(result.warnings.length, 1)
  assert.match(
    textOf(result),
    /HTTP_PORT .*\n.*Service of that name[\s\S]*enableServiceLinks: false/,
  )
})

test('a secret in the environment is a problem that names the file variable, not the secret', () => {
  const env = { ...MIN, KAFKA_SASL_PASSWORD: 'hunter2', KAFKA_SSL_KEY_PASSWORD: 'hunter3' }
  const text = textOf(loadEnv(env))
  assert.match(text, /KAFKA_SASL_PASSWORD_FILE/)
  assert.match(text, /KAFKA_SSL_KEY_PASSWORD_FILE/)
  assert.doesNotMatch(text, /hunter/)
})
