import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../../harness.ts'
import { plainEnvironment, startService } from '../process.ts'

const embedded = useKafka()
const RECORDS = 10_000

/** Part of the process as a mistake of the service would be: of no handler. */
const MISTAKE = `
process.on('SIGUSR2', () => { throw new Error('a mistake at postgres://u:s3cret@host') })
process.on('SIGWINCH', () => { void Promise.reject(new Error('a mistake at postgres://u:s3cret@host')) })`

async function start(t: TestContext, topic: string) {
  await embedded.createTopic(topic)
  await embedded.produce(
    topic,
    numbered(RECORDS).map((name) => JSON.stringify(name)),
  )
  const termination = join(temporaryFolder(t), 'termination-log')
  await writeFile(termination, '')
  const mistake = join(temporaryFolder(t), 'mistake.mjs')
  await writeFile(mistake, MISTAKE)
  const plain = plainEnvironment(t, embedded.kafka, topic)
  const env = {
    ...plain,
    NODE_OPTIONS: `--import ${mistake}`,
    TERMINATION_MESSAGE_PATH: termination,
    OCC_COMMIT_INTERVAL: '10m',
    OCC_COMMIT_EVERY_RECORDS: '1000000',
    OCC_PROCESSING_MAX_RECORDS_PER_SECOND: '2000',
  }
  const service = startService(t, env)
  await service.recorded(100)
  return {
    service,
    group: plain['KAFKA_GROUP_ID'] ?? '',
    said: () => readFile(termination, 'utf8'),
  }
}

test('an exception of the service itself: it drains, commits, says why, and ends with 1', async (t) => {
  const { service, group, said } = await start(t, 'thrown')
  const { code, lines, stderr } = await service.end('SIGUSR2')
  assert.deepEqual([code, stderr], [1, ''])
  const handled = service.records().length
  assert.ok(handled < RECORDS, 'it ended in the middle')
  assert.deepEqual(await embedded.committed(group, 'thrown'), [handled])
  const { groups } = await embedded.admin.describeGroups([group])
  assert.equal(groups[0]?.state, 'Empty', 'it has left the group')
  const uncaught = lines.filter(({ event }) => event === 'service.uncaught')
  assert.equal(uncaught.length, 1, 'said once')
  assert.match(JSON.stringify(uncaught[0]?.['error']), /stack.*a mistake/)
  assert.equal(lines.at(-1)?.event, 'service.failed')
  assert.match(await said(), /^Uncaught error ends the service: a mistake at postgres/)
  assert.ok(!JSON.stringify([lines, await said()]).includes('s3cret'))
})

test('a rejection of the service itself: it is logged and counted, and the service continues', async (t) => {
  const { service, group } = await start(t, 'rejected')
  service.process.kill('SIGWINCH')
  const line = await service.logged(({ event }) => event === 'service.uncaught', 'it is said')
  assert.equal(line['kind'], 'rejection')
  await service.recorded(RECORDS)
  const { body } = await service.get('/metrics')
  assert.match(body, /^onchain_consumer_stray_errors_total{handler="",kind="rejection"} 1$/m)
  const { code, stderr } = await service.end('SIGTERM')
  assert.deepEqual([code, stderr], [0, ''])
  await until(
    async () => (await embedded.committed(group, 'rejected'))[0] === RECORDS,
    'all to be committed',
  )
  assert.ok(!JSON.stringify(service.lines).includes('s3cret'))
})
