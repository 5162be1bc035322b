import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { useKafka } from '../../harness.ts'
import {
  type Environment,
  type Exit,
  plainEnvironment,
  ROOT,
  runCommand,
  securedEnvironment,
  startService,
} from '../process.ts'

const embedded = useKafka(({ createTopic }) => createTopic('known', 3))

/** Ends with 1 and one fatal line, which is returned. */
function fatal({ code, lines, stderr }: Exit): string {
  assert.deepEqual([code, stderr], [1, ''])
  const bad = lines.filter(({ level }) => level === 'error' || level === 'fatal')
  assert.equal(bad.length, 1, JSON.stringify(bad))
  const [line] = bad
  assert.deepEqual([line?.level, line?.event], ['fatal', 'service.failed'])
  assert.equal(lines.at(-1), line, 'the end of the log says why')
  assert.doesNotMatch(JSON.stringify(lines), /\bat .*\.[jt]s:\d+/, 'a stack trace')
  return line?.msg ?? ''
}

async function wrongPassword(t: TestContext): Promise<Environment> {
  const env = await securedEnvironment(t, embedded.kafka, 'known')
  await writeFile(env['KAFKA_SASL_PASSWORD_FILE'] ?? '', 'wr0ng-secret')
  return env
}

test('a wrong password ends it with 1 and says which settings to look at', async (t) => {
  const exit = await startService(t, await wrongPassword(t)).exit
  assert.match(fatal(exit), /refused the user name or password.*kafka\.sasl\.passwordFile/)
  assert.ok(!JSON.stringify(exit.lines).includes('wr0ng-secret'))
})

/** The file that Kubernetes makes for a container, to be shown by `kubectl describe pod`. */
async function terminationLog(t: TestContext) {
  const path = join(temporaryFolder(t), 'termination-log')
  await writeFile(path, '')
  return { env: { TERMINATION_MESSAGE_PATH: path }, text: () => readFile(path, 'utf8') }
}

test('why it ended is left as plain text for kubectl describe', async (t) => {
  const { env, text } = await terminationLog(t)
  await startService(t, { ...(await wrongPassword(t)), ...env }).exit
  const said = await text()
  assert.match(said, /^Connecting to \S+: the broker refused the user name or password\./)
  assert.doesNotMatch(said, /wr0ng-secret|\n/)

  const secret = '/nowhere/password'
  const secured = await securedEnvironment(t, embedded.kafka, 'known')
  const missing = { ...secured, ...env, KAFKA_SASL_PASSWORD_FILE: secret }
  const { code, stderr } = await startService(t, missing).exit
  assert.equal(code, 1)
  assert.match(stderr, /kafka\.sasl\.passwordFile.*\/nowhere\/password.*\n.*does not exist/)
  assert.equal(await text(), stderr.trimEnd())
})

test('an end that was asked for leaves no message', async (t) => {
  const { env, text } = await terminationLog(t)
  const service = startService(t, {
    ...plainEnvironment(t, embedded.kafka, 'known', 'asked'),
    ...env,
  })
  await service.ready()
  assert.equal((await service.end()).code, 0)
  assert.equal(await text(), '')
})

test('a broker that is not there: not ready with the reason, and an end with it after restartWindow', async (t) => {
  const reason = /no broker answers there.*kafka\.brokers/
  const nobody = {
    ...plainEnvironment(t, embedded.kafka, 'known'),
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
  }
  const service = startService(t, nobody)
  await service.logged(({ event }) => event === 'member.restarting', 'it says that it tries again')
  const { status, body } = await service.get('/readyz')
  assert.equal(status, 503)
  assert.match(body, reason)
  assert.equal((await service.get('/healthz')).status, 200)
  const scale = await service.get('/scale')
  assert.equal(scale.status, 503)
  assert.equal((await service.end()).code, 0)

  const { env, text } = await terminationLog(t)
  const impatient = { ...nobody, OCC_KAFKA_RESTART_WINDOW: '1s', ...env }
  const said = fatal(await startService(t, impatient).exit)
  assert.match(said, /^Not consuming for \d+ s \(kafka\.restartWindow\), so this member stops\./)
  assert.match(said, reason)
  assert.equal(await text(), said)
})

test('a topic that is missing: it waits, not ready, and says which', async (t) => {
  const service = startService(t, plainEnvironment(t, embedded.kafka, 'nowhere'))
  const { level } = await service.logged(
    ({ event }) => event === 'topic.missing',
    'what it waits for',
  )
  assert.equal(level, 'warn')
  assert.match((await service.get('/readyz')).body, /the topic \\"nowhere\\" does not exist/)
  const { status, body } = await service.get('/scale')
  assert.equal(status, 503)
  assert.match(body, /not been read yet: none of the topics exists|not been read yet"/)
  assert.equal((await service.end()).code, 0)
})

test('an HTTP port in use ends it with 1', async (t) => {
  const server = createServer().listen(0, '0.0.0.0')
  t.after(() => server[Symbol.asyncDispose]())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const env = { ...plainEnvironment(t, embedded.kafka, 'known'), HTTP_PORT: String(port) }
  const exit = await startService(t, env).exit
  assert.match(fatal(exit), new RegExp(`Port ${port} .*is in use.*set http\\.port to a free port`))
  const [first] = exit.lines
  assert.equal(first?.event, 'service.starting', 'what it was about to do')
  assert.match(first.msg, /: will consume known from \S+:\d+ as \S+$/)
})

test('autoOffsetReset none without offsets ends it with 1', async (t) => {
  const env = { ...plainEnvironment(t, embedded.kafka, 'known'), KAFKA_AUTO_OFFSET_RESET: 'none' }
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
  const env = await securedEnvironment(t, embedded.kafka, 'known')
  const { code, stdout, stderr } = await runCommand(['check'], env)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /known\s+3\s+0\s+-\s+ok/)
  assert.match(stdout, /The service can start\./)
})

test('check: exit 1 for a missing topic, and the others are shown', async (t) => {
  const env = await securedEnvironment(t, embedded.kafka, 'known,unknown')
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
  const env = await securedEnvironment(t, embedded.kafka, 'made')
  const config = join(temporaryFolder(t), 'config.yaml')
  await writeFile(config, '{}')
  const flags = ['--create-topic', '--partitions', '3', '--count', '500', '--rate', '0']
  const { code, stdout, stderr } = await runCommand(
    ['--config', config, '--topic', 'made', ...flags],
    env,
    join(ROOT, 'dev/produce/main.ts'),
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /messages\s+500/)
  const offsets = await embedded.admin.fetchTopicOffsets('made')
  assert.equal(offsets.length, 3)
  assert.equal(
    offsets.reduce((sum, { high }) => sum + Number(high), 0),
    500,
  )
})
