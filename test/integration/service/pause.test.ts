import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { folder } from '../../unit/config/support.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { type Environment, plainEnvironment, runCommand, startService } from './process.ts'

const embedded = useKafka()
const ALICE = 'alice-has-a-long-token'
const BOB = 'bob-has-another-token'

/** Ready services of one group, and the commands of two operators. */
function createGroup(t: TestContext, topics: string) {
  const files = folder(t, { tokens: `alice: ${ALICE}\nbob: ${BOB}\n`, alice: ALICE, bob: BOB })
  const env: Environment = {
    ...plainEnvironment(t, embedded.kafka, topics),
    OCC_ADMIN_TOKEN_FILE: join(files, 'tokens'),
  }
  return {
    async start() {
      const service = startService(t, env)
      await service.ready()
      const url = await service.url()
      const lag = async () => JSON.parse((await service.get('/lag')).body)
      const as = (who: 'alice' | 'bob', ...given: string[]) =>
        runCommand([...given, '--url', url, '--token-file', join(files, who)])
      return { service, url, lag, as }
    },
  }
}

test('a pause through one pod holds in the other, and after a restart of both, until somebody else resumes it', async (t) => {
  const topic = 'paused-for-all'
  await embedded.createTopic(topic, 2)
  const group = createGroup(t, topic)
  const [first, second] = [await group.start(), await group.start()]
  const both = async (pausedBy: string | null) => {
    for (const { lag } of [first, second]) {
      const { partitions } = await lag()
      if (partitions.length !== 1 || partitions[0].pausedBy !== pausedBy) return false
    }
    return true
  }
  await until(() => both(null), 'a partition for each')
  const reason = 'the index is built anew'
  const paused = await first.as(
    'alice',
    'pause',
    '--topic',
    topic,
    '--for',
    '2h',
    '--reason',
    reason,
  )
  assert.match(paused.stdout, /paused-for-all +alice +20\S+Z +the index is built anew\n/)
  await until(() => both('operator'), 'the other to follow')
  await embedded.produce(
    topic,
    numbered(4).map((text) => JSON.stringify(text)),
  )

  const audit = await first.service.logged(({ event }) => event === 'admin.paused', 'the audit')
  const { pauses } = await second.lag()
  assert.deepEqual([audit['who'], audit['topic'], audit['before']], ['alice', topic, []])
  assert.deepEqual(audit['after'], pauses)
  const status = await runCommand(['status', '--url', second.url])
  assert.match(
    status.stdout,
    /paused: the topic paused-for-all, by alice, until 20\S+Z: the index is built anew/,
  )

  for (const { service } of [first, second]) {
    const { code, lines, stderr } = await service.end()
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(JSON.stringify(lines), new RegExp(`${ALICE}|${BOB}`))
  }
  const third = await group.start()
  await until(async () => (await third.lag()).partitions.length === 2, 'all partitions')
  assert.deepEqual((await third.lag()).pauses, pauses)
  assert.deepEqual(third.service.records(), [])
  const resumed = await third.as('bob', 'resume', '--topic', topic)
  assert.match(resumed.stdout, /Nothing is paused\.\n$/)
  await third.service.recorded(4)
  const line = await third.service.logged(({ event }) => event === 'admin.resumed', 'the audit')
  assert.deepEqual([line['who'], line['before'], line['after']], ['bob', pauses, []])
})
