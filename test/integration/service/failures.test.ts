import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { useKafka } from '../harness.ts'
import {
  type Environment,
  type Exit,
  plainEnvironment,
  runCommand,
  securedEnvironment,
  startService,
  temporaryFolder,
} from './process.ts'

const it = useKafka({}, ({ createTopic }) => createTopic('known', 3))

/** Ends with 1 and one fatal line, which is returned. */
function fatal({ code, lines, stderr }: Exit): string {
  assert.deepEqual([code, stderr], [1, ''])
  const bad = lines.filter(({ level }) => level === 'error' || level === 'fatal')
  assert.equal(bad.length, 1, JSON.stringify(bad))
  const [line] = bad
  assert.deepEqual([line?.level, line?.event], ['fatal', 'service.failed'])
  assert.doesNotMatch(JSON.stringify(lines), /\bat .*\.[jt]s:\d+/, 'a stack trace')
  return line?.msg ?? ''
}

async function wrongPassword(t: TestContext): Promise<Environment> {
  const env = await securedEnvironment(t, it.kafka, 'known')
  await writeFile(env['KAFKA_SASL_PASSWORD_FILE'] ?? '', 'wr0ng-secret')
  return env
}

test('a wrong password ends it with 1 and says which settings to look at', async (t) => {
  const exit = await startService(t, await wrongPassword(t)).exit
  assert.match(fatal(exit), /refused the user name or password.*kafka\.sasl\.passwordFile/)
  assert.ok(!JSON.stringify(exit.lines).includes('wr0ng-secret'))
})

test('an HTTP port in use ends it with 1', async (t) => {
  const server = createServer().listen(0, '0.0.0.0')
  t.after(() => server[Symbol.asyncDispose]())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const env = { ...plainEnvironment(t, it.kafka, 'known'), HTTP_PORT: String(port) }
  const said = fatal(await startService(t, env).exit)
  assert.match(said, new RegExp(`Port ${port} .*is in use.*set http\\.port to a free port`))
})

test('autoOffsetReset none without offsets ends it with 1', async (t) => {
  const env = { ...plainEnvironment(t, it.kafka, 'known'), KAFKA_AUTO_OFFSET_RESET: 'none' }
  const said = fatal(await startService(t, env).exit)
  assert.match(said, /known.*kafka\.autoOffsetReset/)
})

test('mistakes in the configuration are told all at once, before anything is connected', async (t) => {
  const exit = await startService(t, {
    KAFKA_BOOTSTRAP_SERVERS: 'localhost',
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_AUTO_OFFSET_RESET: 'erliest',
    OCC_FLOW_DRIAN: '5s',
  }).exit
  assert.equal(exit.code, 1)
  assert.deepEqual(exit.lines, [])
  const keys = ['brokers', 'topics', 'groupId', 'sasl.mechanism', 'sasl.passwordFile']
  for (const key of keys) assert.match(exit.stderr, new RegExp(`kafka\\.${key}`))
  assert.match(exit.stderr, /earliest/)
  assert.match(exit.stderr, /OCC_FLOW_DRAIN/)
  assert.match(exit.stderr, /^\d+ problems in the configuration/)
  assert.doesNotMatch(exit.stderr, /\bat .*\.[jt]s:\d+/)
})

test('a configuration file that cannot be read is named', async (t) => {
  // A folder rather than missing rights: root may read everything.
  const folder = temporaryFolder(t)
  for (const path of [folder, join(folder, 'missing.yaml')]) {
    const { code, lines, stderr } = await startService(t, {}, ['--config', path]).exit
    assert.equal(code, 1)
    assert.deepEqual(lines, [])
    assert.ok(stderr.includes(path), stderr)
    assert.doesNotMatch(stderr, /\bat .*\.[jt]s:\d+/)
  }
})

test('check: exit 0 where the service could start', async (t) => {
  const env = await securedEnvironment(t, it.kafka, 'known')
  const { code, stdout, stderr } = await runCommand(['check'], env)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /known\s+3\s+0\s+-\s+ok/)
  assert.match(stdout, /The service can start\./)
})

test('check: exit 1 for a missing topic, and the others are shown', async (t) => {
  const env = await securedEnvironment(t, it.kafka, 'known,unknown')
  const { code, stdout, stderr } = await runCommand(['check'], env)
  assert.equal(code, 1)
  assert.match(stdout, /known\s+3\s+0\s+-\s+ok/)
  assert.match(stderr, /^Problem: .*unknown.*\(OCC_TOPIC_UNKNOWN\)\n$/)
})

test('check: exit 1 for a wrong password, in one line without the password', async (t) => {
  const { code, stdout, stderr } = await runCommand(['check'], await wrongPassword(t))
  assert.equal(code, 1)
  assert.match(stderr, /^Problem: .*kafka\.sasl\.passwordFile.*\(OCC_AUTHENTICATION\)\n$/)
  assert.ok(!(stdout + stderr).includes('wr0ng-secret'))
})

test('produce makes the topic and sends exactly as many messages as asked', async (t) => {
  const env = await securedEnvironment(t, it.kafka, 'made')
  const config = join(temporaryFolder(t), 'config.yaml')
  await writeFile(config, '{}')
  const flags = ['--create-topic', '--partitions', '3', '--count', '500', '--rate', '0']
  const { code, stdout, stderr } = await runCommand(
    ['produce', '--config', config, '--topic', 'made', ...flags],
    env,
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /messages\s+500/)
  const offsets = await it.admin.fetchTopicOffsets('made')
  assert.equal(offsets.length, 3)
  assert.equal(
    offsets.reduce((sum, { high }) => sum + Number(high), 0),
    500,
  )
})
