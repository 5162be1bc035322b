import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { ClusterReport } from '../../../../src/broker/topics/inspect.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answers, check, file, GOOD, never, terminal } from './support.ts'

test('reports all problems at once and makes no connection', async (t) => {
  const path = file(t, 'config.yaml', 'kafka: {brokers: a}\nhttp: {port: 99999}\nlags: {}\n')
  const { io, stdout, stderr } = terminal()
  assert.equal(await check(['--config', path], io, { inspect: never }), 1)
  assert.match(stderr(), /^3 problems in the configuration:/)
  assert.match(stderr(), /kafka\.brokers\[0\][\s\S]*http\.port = 99999[\s\S]*lags/)
  assert.equal(stdout(), '')
})

test('check says which topics lack a schema, without a connection', async (t) => {
  const schemas = temporaryFolder(t)
  writeFileSync(join(schemas, 'a.proto'), 'syntax = "proto3"; package a; message A {}')
  const { io, stderr } = terminal({
    KAFKA_TOPICS: 'eth.tokens.proto,solana.transfers,tron.tokens.proto',
    OCC_DECODE_PROTOBUF_SCHEMAS: schemas,
  })
  assert.equal(await check([], io, { inspect: never }), 1)
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
