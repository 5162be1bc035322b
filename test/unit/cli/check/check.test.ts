import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { ClusterReport } from '../../../../src/broker/topics/inspect.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answers, check, file, GOOD, never, terminal } from './support.ts'

test('reports all problems at once and makes no connection', async (t) => {
  const path = file(t, 'config.yaml', 'kafka: {brokers: a}\nhttp: {port: 99999}\nlags: {}\n')
  const { io, stdout, stderr } = terminal()
  assert.equal(await check(['--config', path], io, { inspect: never }), 1)
  assert.match(stderr(), /^3 problems in the configuration:/)
  assert.match(stderr(), /kafka\.brokers\[0\][\s\S]*http\.port = 99999[\s\S]*lags/)
  assert.match(
    stderr(),
    /Not checked because of the problems above: brokers, topics and groups\.\n$/,
  )
  assert.equal(stdout(), '')
})

test('problems of the configuration, handlers, brokers, dead letters and sinks are one round', async (t) => {
  const folder = temporaryFolder(t)
  const [path, config] = [join(folder, 'file'), join(folder, 'config.yaml')]
  writeFileSync(path, '')
  const sinks = `{ out: { type: file, path: ${path}/out } }`
  writeFileSync(config, `handlers: [{ path: ./none.ts }]\nsinks: ${sinks}\nhttp: { port: 99999 }\n`)
  const { io, stderr } = terminal({ OCC_DEAD_LETTERS_FILE_FOLDER: `${path}/below` })
  const away = new OccError('OCC_BROKER_UNREACHABLE', 'No broker answers')
  const refuse = () => Promise.reject(away)
  assert.equal(await check(['--config', config], io, { inspect: refuse }), 1)
  assert.match(stderr(), /^1 problem in the configuration:\n\n {2}http\.port = 99999/)
  const found = stderr().split('Problem: ').slice(1)
  assert.deepEqual(
    found.map((text) => /does not exist|No broker answers|Dead letters|Sink out/.exec(text)?.[0]),
    ['does not exist', 'No broker answers', 'Dead letters', 'Sink out'],
  )
})

test('a section with a problem is not connected with; what that leaves unchecked is named', async (t) => {
  const handler = file(t, 'h.mjs', "export default { name: 'h', handle() {} }")
  const path = file(
    t,
    'config.yaml',
    `kafka: {securityProtocol: SASL_SSL}\ndeadLetters: {target: kafka}\nhandlers: [{path: ${handler}}]\n`,
  )
  const { io, stdout, stderr } = terminal()
  assert.equal(await check(['--config', path], io, { inspect: never }), 1)
  assert.match(stdout(), /^Handlers \(opened and closed\): h\n/)
  assert.match(stderr(), /kafka\.sasl/)
  assert.match(
    stderr(),
    /\nProblem: Not checked because of the problems above: brokers, topics and groups, dead letters\.\n$/,
  )
  const unread = terminal()
  assert.equal(await check(['--config', `${path}.no`], unread.io, { inspect: never }), 1)
  assert.match(
    unread.stderr(),
    /Not checked .*: the schemas of topics, handlers, brokers, .*, sinks, the schema registry\./,
  )
})

test('without a configuration file, a missing key and a broker that is away say so', async (t) => {
  const inspect = () => Promise.reject(new OccError('OCC_BROKER_UNREACHABLE', 'No broker answers'))
  const hint = 'No configuration file was read: --config FILE or OCC_CONFIG names one'
  const bare = terminal({ KAFKA_TOPICS: '' })
  assert.equal(await check([], bare.io, { inspect }), 1)
  assert.ok(bare.stderr().includes(`\n\n${hint}`), bare.stderr())
  const { io, stderr } = terminal()
  assert.equal(await check([], io, { inspect }), 1)
  assert.ok(stderr().startsWith(`Problem: No broker answers ${hint}`), stderr())
  const config = file(t, 'config.yaml', 'kafka: {topics: []}\n')
  const read = terminal()
  assert.equal(await check(['--config', config], read.io, { inspect }), 1)
  assert.ok(!read.stderr().includes('No configuration file'))
})

test('check says which topics lack a schema, beside what else is wrong', async (t) => {
  const schemas = temporaryFolder(t)
  writeFileSync(join(schemas, 'a.proto'), 'syntax = "proto3"; package a; message A {}')
  const { io, stderr } = terminal({
    KAFKA_TOPICS: 'eth.tokens.proto,solana.transfers,tron.tokens.proto',
    OCC_DECODE_PROTOBUF_SCHEMAS: schemas,
  })
  assert.equal(await check([], io, { inspect: answers(GOOD) }), 1)
  for (const [topic, message] of [
    ['eth.tokens.proto', 'evm_messages.TokenBlockMessage'],
    ['tron.tokens.proto', 'tron_messages.TokenBlockMessage'],
  ]) {
    assert.ok(stderr().includes(`Problem: ${topic} needs the message ${message}, which no file`))
  }
  assert.ok(!stderr().includes('solana.transfers'))
})

test('--offline shows the settings with their origin and makes no connection', async (t) => {
  const path = file(t, 'config.yaml', 'kafka: {sessionTimeout: 30000}\n')
  const { io, stdout } = terminal({ HTTP_PORT: '81' })
  assert.equal(await check([`--config=${path}`, '--offline'], io, { inspect: never }), 0)
  assert.match(stdout(), /kafka\.groupId +user-1 +KAFKA_GROUP_ID\n/)
  assert.match(stdout(), /kafka\.sessionTimeout +30s +file\n/)
  assert.match(stdout(), /kafka\.brokers +localhost:9092 +default\n/)
  assert.match(stdout(), /http\.port +81 +HTTP_PORT\n/)
  assert.doesNotMatch(stdout(), /kafka\.requestTimeout/)
})

test('shows secrets as the paths of their files', async (t) => {
  const path = file(t, 'password', 'hunter2')
  const { io, stdout, stderr } = terminal({
    KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
    KAFKA_SASL_MECHANISM: 'PLAIN',
    KAFKA_SASL_USERNAME: 'user',
    KAFKA_SASL_PASSWORD_FILE: path,
  })
  assert.equal(await check(['--offline'], io, { inspect: never }), 0)
  assert.ok(stdout().includes(`from file ${path}`))
  assert.doesNotMatch(stdout() + stderr(), /hunter2/)
})

test('checks dead-letter target and sinks: the service would start, and wait', async (t) => {
  const folder = temporaryFolder(t)
  const [file, config] = [join(folder, 'file'), join(folder, 'config.yaml')]
  writeFileSync(file, '')
  writeFileSync(config, `sinks: { out: { type: file, path: ${file}/out } }\n`)
  const { io, stderr } = terminal({ OCC_DEAD_LETTERS_FILE_FOLDER: `${file}/below` })
  assert.equal(await check(['--config', config], io, { inspect: answers(GOOD) }), 1)
  assert.match(
    stderr(),
    /^Problem: Dead letters: .*deadLetters\.file\.folder.*OCC_DEAD_LETTERS_WRITE/,
  )
  assert.match(stderr(), /Problem: Sink out: /)
})

test('its tables fit 120 columns, whatever the values', async (t) => {
  const path = file(t, 'idle.mjs', "export default { name: 'idle', handle() {} }")
  const addresses = Array.from({ length: 40 }, (_, index) => `wallet${index}`.padEnd(44, 'x'))
  const handlers = [{ path, topics: ['solana.*'], filter: { addresses, assets: ['USDC'] } }]
  const config = file(t, 'config.yaml', JSON.stringify({ handlers }))
  const { io, stdout } = terminal({
    KAFKA_BOOTSTRAP_SERVERS: addresses.map((a) => `${a}:9092`).join(),
  })
  const long = 'b'.repeat(200)
  const report: ClusterReport = {
    ...GOOD,
    brokers: [{ id: 1, address: `${long}:9092` }],
    topics: [{ topic: long, partitions: 4, records: 1234, lag: 12, problem: null }],
  }
  assert.equal(await check(['--config', config], io, { inspect: answers(report) }), 0)
  const lines = stdout().split('\n')
  assert.deepEqual(
    lines.filter((line) => line.length > 120),
    [],
  )
  // Nothing is left out.
  for (const address of addresses)
    assert.ok(stdout().replaceAll(/\s/g, '').includes(address), address)
  assert.match(stdout(), /b +4 +1,234 +12 +ok\n/)
})

test('prints warnings without failing', async () => {
  const { io, stderr } = terminal({ KAFKA_BROKERS: 'a:1' })
  assert.equal(await check(['--offline'], io, { inspect: never }), 0)
  assert.match(stderr(), /^1 warning in the configuration:\n\n {2}KAFKA_BROKERS/)
})

test('uses colours on terminals, unless NO_COLOR is set', async () => {
  const escapeCharacter = String.fromCharCode(27)
  for (const [env, isTTY, coloured] of [
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
  ] as const) {
    const { io, stdout, stderr } = terminal({ ...env, KAFKA_BROKERS: 'a:1' }, isTTY)
    await check(['--offline'], io, { inspect: never })
    assert.equal((stdout() + stderr()).includes(escapeCharacter), coloured)
  }
})

test('reports a misspelled flag as a usage error', async () => {
  const { io } = terminal()
  await assert.rejects(check(['--ofline'], io, { inspect: never }), { code: 'OCC_USAGE' })
})
