import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../../harness.ts'
import { plainEnvironment, securedEnvironment, startService } from '../process.ts'

const embedded = useKafka()

async function assertLeft(group: string): Promise<void> {
  const { groups } = await embedded.admin.describeGroups([group])
  // Asked once, at once: a member that only died stays for its session timeout of 45 s.
  assert.deepEqual(
    groups.map(({ state, members }) => [state, members.length]),
    [['Empty', 0]],
  )
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} in full flow: exit 0, what is handled is committed, the group is left`, async (t) => {
    const topic = `flow-${signal.toLowerCase()}`
    await embedded.createTopic(topic)
    const values = numbered(10_000).map((name) => JSON.stringify(name))
    for (let part = 0; part < 3; part++) await embedded.produce(topic, values)
    const env = await securedEnvironment(t, embedded.kafka, topic)
    const service = startService(t, {
      ...env,
      OCC_COMMIT_INTERVAL: '10m',
      OCC_COMMIT_EVERY_RECORDS: '1000000',
      // So that there is a middle to end it in, however late this process gets its turn.
      OCC_PROCESSING_MAX_RECORDS_PER_SECOND: '3000',
    })
    await service.recorded(100)
    const { code, stderr } = await service.end(signal)
    assert.deepEqual([code, stderr], [0, ''])
    const handled = service.records().map(({ offset }) => offset)
    assert.ok(handled.length < 3 * values.length, 'it ended in the middle')
    assert.deepEqual(
      handled,
      handled.map((_, index) => index),
    )
    assert.deepEqual(await embedded.committed(env['KAFKA_GROUP_ID'] ?? '', topic), [handled.length])
    await assertLeft(env['KAFKA_GROUP_ID'] ?? '')
  })
}

/** A service that holds a broken record in flight, because the folder to keep it in is a file. */
async function heldUp(t: TestContext, topic: string) {
  await embedded.createTopic(topic)
  await embedded.produce(topic, ['1', '{broken', '2'])
  const obstacle = join(temporaryFolder(t), 'folder')
  await writeFile(obstacle, '')
  const env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_DEAD_LETTERS_FILE_FOLDER: obstacle,
    OCC_FLOW_DRAIN: '60s',
  }
  const service = startService(t, env)
  await service.logged(({ msg }) => /The partition waits/.test(msg), 'it cannot keep the record')
  return { service, obstacle }
}

test('HTTP answers until a slow drain is over, and says that it drains', async (t) => {
  const { service, obstacle } = await heldUp(t, 'slow-drain')
  await service.ready()
  service.process.kill('SIGTERM')
  await service.logged(({ event }) => event === 'service.draining', 'it drains')
  const readyz = await service.get('/readyz')
  assert.equal(readyz.status, 503)
  assert.match(readyz.body, /the service is draining/)
  assert.equal((await service.get('/healthz')).status, 200)
  assert.equal((await service.get('/startupz')).status, 200)
  assert.match((await service.get('/metrics')).body, /^onchain_consumer_ready 0$/m)
  await rm(obstacle)
  assert.equal((await service.exit).code, 0)
  // The broken record was kept at last; the one behind it may have been handled meanwhile.
  const [offset = 0] = await embedded.committed('onchain-slow-drain', 'slow-drain')
  assert.ok(offset >= 2, `${offset} is committed`)
  await assertLeft('onchain-slow-drain')
})

test('a second signal ends it at once with 1', async (t) => {
  const { service } = await heldUp(t, 'second-signal')
  service.process.kill('SIGTERM')
  await service.logged(({ event }) => event === 'service.draining', 'it drains')
  const { code, lines } = await service.end('SIGINT')
  assert.equal(code, 1)
  assert.ok(!lines.some(({ event }) => event === 'service.stopped'))
})

test('a signal while it still waits for brokers that are away: exit 0 at once', async (t) => {
  const env = plainEnvironment(t, embedded.kafka, 'nowhere')
  const service = startService(t, { ...env, KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' })
  await until(
    async () => /no broker answers/.test((await service.get('/readyz')).body),
    'it says that no broker answers',
  )
  const { code } = await service.end()
  assert.equal(code, 0)
})
