import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { configOf, folder, loadEnv, loadYaml, MIN, problemsOf, textOf } from '../support.ts'

test('two variables are enough, the rest are the documented defaults', () => {
  const config = configOf(loadEnv(MIN, { cwd: '/app' }))
  assert.deepEqual(config.kafka.topics, ['solana.transfers'])
  assert.deepEqual(config.kafka.brokers, ['localhost:9092'])
  assert.equal(config.kafka.autoOffsetReset, 'earliest')
  assert.equal(config.kafka.isolationLevel, 'read_committed')
  assert.equal(config.kafka.sessionTimeout, 45_000)
  assert.equal(config.kafka.heartbeatInterval, 1000)
  assert.equal(config.kafka.restartWindow, 300_000)
  assert.equal(config.kafka.fetch.maxWait, 500)
  assert.equal(config.kafka.sasl, undefined)
  assert.equal(config.kafka.tls, undefined)
  assert.equal(config.decode.maxMessageBytes, 32 * 1024 ** 2)
  assert.deepEqual(config.flow.queue, {
    maxBytesPerPartition: 2 * 1024 ** 2,
    maxRecordsPerPartition: 4000,
  })
  assert.deepEqual(config.commit, { mode: 'interval', interval: 1000, everyRecords: 10_000 })
  assert.equal(config.http.port, 8080)
  assert.equal(config.deadLetters.target, 'file')
  assert.equal(config.deadLetters.file.folder, '/app/dead-letters')
})

test('the environment beats the file, and the file the defaults', (t) => {
  const yaml = 'kafka: {groupId: from-file, consumers: 2, clientId: mine}\nhttp: {port: 81}\n'
  const env = {
    KAFKA_TOPICS: 'a, b,',
    KAFKA_GROUP_ID: 'from-env',
    HTTP_PORT: '82',
    OCC_KAFKA_CONSUMERS: '',
  }
  const config = configOf(loadYaml(t, yaml, env))
  assert.equal(config.kafka.groupId, 'from-env')
  assert.equal(config.http.port, 82)
  assert.equal(config.kafka.consumers, 2, 'an empty variable counts as unset')
  assert.equal(config.kafka.clientId, 'mine')
  assert.deepEqual(config.kafka.topics, ['a', 'b'])
})

test('peers may be none', (t) => {
  assert.deepEqual(configOf(loadYaml(t, 'http: {peers: []}', MIN)).http.peers, [])
})

test('human durations and sizes are accepted in the file and in the environment', (t) => {
  const yaml = 'kafka:\n  sessionTimeout: 20s\n  fetch: {maxBytesPerPartition: 8MiB}\n'
  const config = configOf(loadYaml(t, yaml, { ...MIN, KAFKA_FETCH_MAX_WAIT_MS: '250' }))
  assert.equal(config.kafka.sessionTimeout, 20_000)
  assert.equal(config.kafka.fetch.maxBytesPerPartition, 8 * 1024 ** 2)
  assert.equal(config.kafka.fetch.maxWait, 250)
})

test('the config is frozen all the way down', () => {
  const config = configOf(loadEnv(MIN))
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.kafka.topics))
  assert.ok(Object.isFrozen(config.kafka.fetch) && Object.isFrozen(config.flow.queue))
})

test('brokers default to the Service inside Kubernetes, where localhost is warned of', () => {
  const env = { ...MIN, KUBERNETES_SERVICE_HOST: '10.0.0.1' }
  assert.deepEqual(configOf(loadEnv(env)).kafka.brokers, ['kafka.kafka.svc.cluster.local:9092'])
  const local = loadEnv({ ...env, KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092' })
  assert.ok(local.ok)
  assert.match(textOf(local), /kafka\.brokers = "localhost:9092" \(from KAFKA_BOOTSTRAP_SERVERS\)/)
  assert.equal(loadEnv({ ...MIN, KAFKA_BOOTSTRAP_SERVERS: 'localhost:9092' }).warnings.length, 0)
})

test('all problems are reported at once, with key, value, source and remedy', (t) => {
  const yaml = [
    'kafka:',
    '  brokers: [kafka-0, kafka-1:9092]',
    '  heartbeatInterval: 50s',
    '  fetch: {maxBytesPerPartition: 5kB, maxWait: soon}',
    'lags: {}',
  ].join('\n')
  const result = loadYaml(t, yaml, { KAFKA_TOPICS: 'a*', OCC_KAFKA_CONSUMERS: '100' })
  assert.deepEqual(problemsOf(result), [
    'kafka.brokers[0]: has no port',
    'kafka.topics[0]: is a pattern and not a topic name',
    'kafka.groupId: is missing',
    'kafka.consumers: is out of range',
    'kafka.fetch.maxBytesPerPartition: is out of range: a single record can be 1MiB',
    'kafka.fetch.maxWait: is not a duration',
    'lags: is not a known key. Did you mean lag?',
    'kafka.heartbeatInterval: is not below kafka.sessionTimeout = 45s: the group would remove the member',
  ])
  const text = textOf(result)
  assert.match(text, /^8 problems in the configuration:/)
  assert.match(
    text,
    /kafka\.brokers\[0\] = "kafka-0"\n\s+has no port\n\s+Remedy: write kafka-0:9092/,
  )
  assert.match(text, /kafka\.consumers = 100 \(from OCC_KAFKA_CONSUMERS\)/)
  assert.match(text, /KAFKA_GROUP_ID/)
})

test('a remedy has its article, and what no number holds is too long', (t) => {
  const result = loadYaml(
    t,
    [
      'flow: {drain: 99999999999h}',
      'processing: {workers: 3.5}',
      'filter: {minAmount: [5]}',
      'commit: {everyRecords: often}',
    ].join('\n'),
  )
  const text = textOf(result)
  assert.match(text, /"99999999999h"\n\s+is out of range\n\s+Remedy: write a value of 0s to 1h\n/)
  assert.match(text, /workers = 3\.5\n.*\n\s+Remedy: write auto, or an integer, 0 to 64/)
  assert.match(text, /minAmount = .*\n.*\n\s+Remedy: write an amount/)
  assert.match(text, /everyRecords = .*\n.*\n\s+Remedy: write an integer/)
})

test('a relation between keys is not reported if one of them is invalid by itself', (t) => {
  const result = loadYaml(t, 'kafka: {sessionTimeout: soon, heartbeatInterval: 4m}\n')
  assert.deepEqual(problemsOf(result), ['kafka.sessionTimeout: is not a duration'])
})

test('a missing file is a problem if it was named, and none when it is the default', () => {
  assert.ok(loadEnv(MIN).ok)
  for (const options of [{ file: 'no.yaml' }, { env: { OCC_CONFIG: 'no.yaml' } }]) {
    const result = loadEnv({}, { cwd: '/nowhere', ...options })
    assert.equal(problemsOf(result).length, 1)
    assert.match(textOf(result), /(--config|OCC_CONFIG) = "\/nowhere\/no.yaml"\n\s+does not exist/)
  }
  const named = textOf(loadEnv({}, { cwd: '/', file: 'tmp' }))
  assert.match(named, /"\/tmp"\n\s+is a folder, not a file[\s\S]*name a file in --config/)
})

test('the default file is read if no other file is named', (t) => {
  const path = folder(t, { 'config.yaml': 'kafka: {topics: a, groupId: g}\n' })
  const result = loadEnv({}, { defaultFile: join(path, 'config.yaml') })
  assert.equal(configOf(result).kafka.groupId, 'g')
})

test('sections without a value are ignored', (t) => {
  assert.ok(loadYaml(t, 'kafka:\n  sasl:\nhttp:\n# nothing here\n').ok)
  assert.ok(loadYaml(t, '').ok)
})

test('YAML mistakes name the line and never quote it', (t) => {
  const result = loadYaml(t, 'kafka:\n  topics: [a\n  password: "hunter2\n')
  assert.match(textOf(result), /is not valid YAML: .* at line \d+, column \d+/)
  assert.doesNotMatch(textOf(result), /hunter2/)
  const second = textOf(loadYaml(t, 'flow: {}\n---\nlog: {}\n'))
  assert.match(second, /has a second document at line 2\n\s+Remedy: write all sections into one/)
  assert.match(textOf(loadYaml(t, '- a\n- b\n')), /is not a map of sections/)
  assert.match(textOf(loadYaml(t, 'http: {port: 1, port: 2}\n')), /duplicate key at line 1/)
})

test('what YAML can say and no configuration can be is one problem, without a stack', (t) => {
  for (const [yaml, said] of [
    ['handlers: &a [*a]\n', /an anchor holds its own alias/],
    ['sinks: &a {x: *a}\n', /an anchor holds its own alias/],
    ['x: &a {port: 1}\nhttp:\n  <<: *a\n', /http\.<<\n +is a merge of YAML 1\.1/],
    ['http: {port: .inf}\n', /http\.port = Infinity\n/],
  ] as const) {
    assert.match(textOf(loadYaml(t, yaml)), said)
  }
  const same = '&a [{path: a.js}, {path: b.js}]'
  assert.doesNotMatch(textOf(loadYaml(t, `handlers: ${same}\nalerts: *a\n`)), /alias/)
})

test('a file that is not UTF-8, as Windows may write it, says so', (t) => {
  const path = join(folder(t), 'config.yaml')
  writeFileSync(path, Buffer.from('\ufeffhttp: {port: 1}\n', 'utf16le'))
  assert.deepEqual(problemsOf(loadEnv(MIN, { file: path })), ['--config: is not UTF-8'])
})

test('a value that breaks two rules is one problem', (t) => {
  assert.deepEqual(problemsOf(loadYaml(t, 'http: {port: 1e99}\n')), ['http.port: is out of range'])
  const empty = loadYaml(t, "kafka: {groupId: '', topics: [a]}\n", {})
  assert.deepEqual(problemsOf(empty), ['kafka.groupId: is empty'])
})

test('a key named __proto__ is an unknown key and nothing else', (t) => {
  const result = loadYaml(t, '__proto__: {polluted: true}\n')
  assert.match(problemsOf(result).join('\n'), /^__proto__: is not a known key\.[^\n]*$/)
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('paths in the file begin in its folder, those of variables and defaults in the working directory', (t) => {
  const path = folder(t, {
    'config.yaml': `
kafka: { topics: [a], groupId: b }
handlers: [{ path: ./whale.ts, filter: { addressesFile: watched.txt } }]
sinks: { rows: { type: file, path: ../rows.ndjson } }
filter: { addressesFile: all.txt }
admin: { tokenFile: token }
`,
    token: 'a-token-of-more-than-sixteen-characters',
  })
  const options = { file: join(path, 'config.yaml'), cwd: '/elsewhere' }
  const config = configOf(loadEnv({ OCC_FILTER_ADDRESSES_FILE: 'mine.txt' }, options))
  const [handler] = config.handlers
  assert.equal(handler?.path, join(path, 'whale.ts'))
  assert.equal(handler?.filter?.addressesFile, join(path, 'watched.txt'))
  assert.equal(Reflect.get(config.sinks['rows'] ?? {}, 'path'), join(path, '../rows.ndjson'))
  assert.equal(config.admin.tokenFile, join(path, 'token'))
  assert.equal(config.filter.addressesFile, '/elsewhere/mine.txt')
  assert.equal(config.deadLetters.file.folder, '/elsewhere/dead-letters')
})
