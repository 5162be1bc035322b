import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, type TestContext } from 'node:test'
import type { ClusterReport } from '../../../../src/broker/topics/inspect.ts'
import { parseFlags } from '../../../../src/cli/arguments.ts'
import {
  type CheckOptions,
  check as checkFlagged,
  type InspectCluster,
} from '../../../../src/cli/check/check.ts'
import { checkFlags } from '../../../../src/cli/commands/check.ts'
import type { Io } from '../../../../src/cli/terminal/io.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const GOOD: ClusterReport = {
  brokers: [{ id: 1, address: 'kafka-0:9092' }],
  topics: [{ topic: 'solana.transfers', partitions: 4, records: 1234, lag: 12, problem: null }],
  group: { id: 'user-1', problem: null },
}

async function check(args: readonly string[], io: Io, options: CheckOptions): Promise<number> {
  return checkFlagged(parseFlags(args, checkFlags), io, options)
}

const never: InspectCluster = () => assert.fail('connected to the cluster')
const answers =
  (report: ClusterReport): InspectCluster =>
  async () =>
    report

/** The default is in the working directory, which is not everybody's to write. */
const letters = mkdtempSync(join(tmpdir(), 'occ-check-'))
after(() => rmSync(letters, { recursive: true }))

function terminal(env: Record<string, string> = {}, isTTY = false) {
  let stdout = ''
  let stderr = ''
  const io: Io = {
    env: {
      KAFKA_TOPICS: 'solana.transfers',
      KAFKA_GROUP_ID: 'user-1',
      OCC_DEAD_LETTERS_FILE_FOLDER: letters,
      ...env,
    },
    stdout: { isTTY, write: (text) => (stdout += text) },
    stderr: { isTTY, write: (text) => (stderr += text) },
  }
  return { io, stdout: () => stdout, stderr: () => stderr }
}

function file(t: TestContext, name: string, content: string): string {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

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

test('succeeds for a complete cluster, with brokers, partitions and lag', async () => {
  const { io, stdout, stderr } = terminal()
  assert.equal(await check([], io, { inspect: answers(GOOD) }), 0)
  assert.match(stdout(), /1 +kafka-0:9092\n/)
  assert.match(stdout(), /solana\.transfers +4 +1,234 +12 +ok\n/)
  assert.match(stdout(), /Group user-1: ok/)
  assert.match(stdout(), /The service can start\.\n$/)
  assert.equal(stderr(), '')
})

test('each group of its own is checked: its rights may differ', async (t) => {
  const path = file(
    t,
    'config.yaml',
    `handlers: [{path: ${file(t, 'a.mjs', "export default {name: 'a', handle() {}}")}, name: slack, group: own}, {path: ${file(t, 'b.mjs', "export default {name: 'b', handle() {}}")}}]\n`,
  )
  const { io, stdout, stderr } = terminal()
  const forbidden = new OccError('OCC_GROUP_NOT_AUTHORIZED', 'The group is not allowed')
  const inspect: InspectCluster = async ({ kafka: { groupId } }) => {
    const problem = groupId === 'user-1' ? null : forbidden
    return { ...GOOD, group: { id: groupId, problem } }
  }
  assert.equal(await check(['--config', path], io, { inspect }), 1)
  assert.match(stdout(), /Group user-1: ok[\s\S]*Group user-1\.slack: OCC_GROUP_NOT_AUTHORIZED/)
  assert.match(stderr(), /The group is not allowed/)
})

test('reports missing topics and forbidden groups together', async () => {
  const missing = new OccError('OCC_TOPIC_UNKNOWN', 'The topic "solana.transfers" does not exist')
  const forbidden = new OccError('OCC_GROUP_NOT_AUTHORIZED', 'The group "user-1" is not allowed')
  const report: ClusterReport = {
    ...GOOD,
    topics: [
      { topic: 'solana.transfers', partitions: 0, records: null, lag: null, problem: missing },
    ],
    group: { id: 'user-1', problem: forbidden },
  }
  const { io, stdout, stderr } = terminal()
  assert.equal(await check([], io, { inspect: answers(report) }), 1)
  assert.match(stderr(), /does not exist \(OCC_TOPIC_UNKNOWN\)\n/)
  assert.match(stderr(), /not allowed \(OCC_GROUP_NOT_AUTHORIZED\)\n/)
  assert.match(stdout(), /kafka-0:9092[\s\S]*solana\.transfers +- +- +- +OCC_TOPIC_UNKNOWN/)
  assert.doesNotMatch(stdout(), /can start/)
})

test('reports an unreachable cluster in one clear line', async () => {
  const refuse: InspectCluster = () =>
    Promise.reject(new OccError('OCC_BROKER_UNREACHABLE', 'No broker answers at localhost:9092'))
  const { io, stderr } = terminal()
  assert.equal(await check([], io, { inspect: refuse }), 1)
  assert.equal(stderr(), 'Problem: No broker answers at localhost:9092 (OCC_BROKER_UNREACHABLE)\n')
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

test('says each problem of the handlers at once, each with its remedy, and opens the rest', async (t) => {
  const folder = temporaryFolder(t)
  const opened = join(folder, 'opened')
  writeFileSync(
    join(folder, 'sinks.mjs'),
    `import { appendFileSync } from 'node:fs'
export default { name: 'emits', sinks: ['alert'], handle() {},
  open: () => appendFileSync('${opened}', 'open '), close: () => appendFileSync('${opened}', 'close') }`,
  )
  writeFileSync(
    join(folder, 'fails.mjs'),
    "export default { name: 'rows', handle() {}, open() { throw new Error('no database') } }",
  )
  const handlers = ['one.ts', 'two.ts', 'sinks.mjs', 'fails.mjs'].map((name) => ({
    path: join(folder, name),
  }))
  const sinks = { alerts: { type: 'log' } }
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify({ handlers, sinks }))
  const { io, stderr } = terminal()
  assert.equal(await check(['--config', config], io, { inspect: never }), 1)
  const problems = stderr().split('Problem: ').slice(1)
  const expected = [
    /one\.ts does not exist\. Remedy: correct handlers\[\]\.path/,
    /two\.ts does not exist\. Remedy: /,
    /sinks\.mjs emits to a sink that is not configured: no sink is called "alert".*Did you mean alerts\?.*Remedy: /,
    /The handler rows cannot be opened: no database\..*Remedy: .*OCC_HANDLER_OPEN\).*--no-open.*\n {4}at .*fails\.mjs:1:\d+\)?$/m,
  ]
  assert.equal(problems.length, expected.length)
  for (const [index, problem] of problems.entries()) assert.match(problem, expected[index] ?? /^$/)
  assert.equal(readFileSync(opened, 'utf8'), 'open close')
})

test('a secret in the options of a handler is not shown', async (t) => {
  const path = file(t, 'idle.mjs', "export default { name: 'idle', handle() {} }")
  const options = {
    url: 'postgresql://user:hunter2@db/chain',
    apiToken: 'hunter2',
    table: 'whales',
  }
  const config = file(t, 'config.yaml', JSON.stringify({ handlers: [{ path, options }] }))
  const { io, stdout, stderr } = terminal()
  assert.equal(await check(['--config', config, '--offline'], io, { inspect: never }), 0)
  assert.doesNotMatch(stdout() + stderr(), /hunter2/)
  assert.match(stdout(), /whales/)
})

test('--no-open and --offline load the handlers without opening them', async (t) => {
  const path = file(
    t,
    'fails.mjs',
    "export default { name: 'rows', handle() {}, open() { throw new Error('no database') } }",
  )
  const config = file(t, 'config.yaml', JSON.stringify({ handlers: [{ path }] }))
  for (const flag of ['--no-open', '--offline']) {
    const { io, stdout } = terminal()
    assert.equal(await check(['--config', config, flag], io, { inspect: answers(GOOD) }), 0)
    assert.match(stdout(), /\nHandlers: rows\n/)
  }
})

test('checks a group again while its coordinator is being chosen', async () => {
  const problem = new OccError('OCC_BROKER', 'Not the coordinator', { retriable: true })
  const reports = [{ ...GOOD, group: { id: 'user-1', problem } }, GOOD]
  const inspect: InspectCluster = async () => reports.shift() ?? assert.fail('asked too often')
  const { io, stdout } = terminal()
  assert.equal(await check([], io, { inspect, retryPause: 0 }), 0)
  assert.match(stdout(), /Group user-1: ok/)
})

test('reports a group that stays without a coordinator', async () => {
  const problem = new OccError('OCC_BROKER', 'Not the coordinator', { retriable: true })
  const { io, stderr } = terminal()
  const inspect = answers({ ...GOOD, group: { id: 'user-1', problem } })
  assert.equal(await check([], io, { inspect, retryPause: 0 }), 1)
  assert.match(stderr(), /Not the coordinator \(OCC_BROKER\)/)
})

test('points out more consumers than partitions', async () => {
  const { io, stdout } = terminal({ OCC_KAFKA_CONSUMERS: '6' })
  assert.equal(await check([], io, { inspect: answers(GOOD) }), 0)
  assert.match(stdout(), /kafka\.consumers is 6 but there are only 4 partitions: 2 would be idle/)
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
