import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { stringify } from 'yaml'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { main } from '../../../src/cli/index.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { metric } from '../../support/metric.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, type RunningService, startService } from '../service/process.ts'

const embedded = useKafka()
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const TARGETS: Readonly<Record<string, () => Record<string, string>>> = {
  file: () => ({}),
  kafka: () => ({ OCC_DEAD_LETTERS_KAFKA_CREATE_TOPIC: 'true' }),
  postgres: () => ({ OCC_DEAD_LETTERS_POSTGRES_URL_FILE: postgres.urlFile }),
}

/** Gives up messages that name it, until the file `repaired` is there. */
const handlerOf = (name: string) => `
import { existsSync } from 'node:fs'
import { join } from 'node:path'
export default {
  name: '${name}',
  handle({ document }, { dead }) {
    const repaired = existsSync(join(import.meta.dirname, 'repaired'))
    if (document.bad === '${name}' && !repaired) return dead('this is bad')
  },
}
`

/** A service of its own group and handler; all share the place of dead letters. */
async function serviceOf(t: TestContext, name: string, topic: string, shared: object) {
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, `${name}.js`), handlerOf(name))
  const config = join(folder, 'config.yaml')
  await writeFile(config, stringify({ handlers: [{ path: join(folder, `${name}.js`) }] }))
  const group = `${topic}-${name}`
  const env: Record<string, string> = {
    ...plainEnvironment(t, embedded.kafka, topic, group),
    ...shared,
    OCC_CONFIG: config,
  }
  const service = startService(t, env)
  await service.ready()

  async function dlq(...args: string[]) {
    const io = fakeIo({ env })
    const code = await main(['dlq', ...args], io)
    return { code, out: io.stdout.written(), error: io.stderr.written() }
  }

  async function letters(...args: string[]): Promise<string[]> {
    const { out } = await dlq('list', '--json', ...args)
    const facts = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
    return facts
      .map((one) => `${one.consumer_group} ${one.error_type} ${one.handler} ${one.redrives}`)
      .sort()
  }
  const repair = () => writeFile(join(folder, 'repaired'), '')
  return { group, service, dlq, letters, repair }
}

async function counter(service: RunningService, name: string): Promise<number> {
  const { body } = await service.get('/metrics')
  return metric(body, name) ?? 0
}

for (const [target, envOf] of Object.entries(TARGETS)) {
  test(`${target}: two groups on one topic keep, list, redrive and drop their own letters only`, async (t) => {
    const topic = `shared-${target}`
    await embedded.createTopic(topic)
    const shared = {
      OCC_DEAD_LETTERS_TARGET: target,
      OCC_DEAD_LETTERS_FILE_FOLDER: join(temporaryFolder(t), 'dead-letters'),
      ...envOf(),
    }
    const billing = await serviceOf(t, 'billing', topic, shared)
    // With one target also in a worker thread, which gets whole batches.
    const workers = target === 'file' ? { OCC_PROCESSING_WORKERS: '1' } : {}
    const audit = await serviceOf(t, 'audit', topic, { ...shared, ...workers })
    const finished = (count: number) =>
      until(async () => {
        const committed = await Promise.all(
          [billing, audit].map(({ group }) => embedded.committed(group, topic)),
        )
        return committed.every(([offset]) => offset === count)
      }, `${count} records are finished in both groups`)

    // A record that neither group can decode, and one that the handler of the first gives up.
    await embedded.produce(topic, ['{"n":1}', '{"n":2}', '{not JSON', '{"bad":"billing"}', '{}'])
    await finished(5)
    const undecodable = `${audit.group} OCC_JSON_INVALID null 0`
    assert.deepEqual(await audit.letters(), [undecodable])
    assert.equal((await billing.letters()).length, 2)
    assert.equal((await billing.letters('--group', 'all')).length, 3)
    const list = await billing.dlq('list')
    assert.ok(list.out.includes(`1 more of other groups (${audit.group}: 1)`), list.out)
    assert.match(list.out, /2 dead letters, failed/)

    // What the first redrives is for it; the other passes it by.
    await billing.repair()
    const sent = await billing.dlq('redrive', '--yes')
    assert.match(sent.out, /2 sent/, sent.out + sent.error)
    await finished(7)
    assert.deepEqual(await billing.letters(), [`${billing.group} OCC_JSON_INVALID null 1`])
    assert.deepEqual(await audit.letters(), [undecodable], 'the other group has no new letter')
    const passedBy = 'onchain_consumer_passed_by_records_total'
    assert.equal(await counter(audit.service, passedBy), 2)
    assert.equal(await counter(billing.service, passedBy), 0)

    // By the same record's place, and only on request for another group.
    const missing = await audit.dlq('drop', `${topic}/0/3`, '--yes')
    assert.equal(missing.code, 1)
    assert.ok(missing.error.includes(`of the group ${audit.group} (see --group)`), missing.error)
    assert.match((await audit.dlq('drop', '--yes')).out, /1 dropped/)
    assert.deepEqual(await audit.letters(), [])
    assert.equal((await billing.letters()).length, 1)
    assert.match((await audit.dlq('drop', '--group', billing.group, '--yes')).out, /1 dropped/)
    assert.deepEqual(await billing.letters(), [])
  })
}

test('a redrive for a group that does not read the topic is refused, and nothing is removed', async (t) => {
  const topic = 'unread'
  await embedded.createTopic(topic)
  const billing = await serviceOf(t, 'billing', topic, {})
  await embedded.produce(topic, ['{}', '{"bad":"billing"}', '{}'])
  await until(async () => (await billing.letters()).length === 1, 'the letter is kept')
  await assert.rejects(billing.dlq('redrive', '--to-group', 'nobody', '--yes'), {
    code: 'OCC_REDRIVE_GROUP',
    message: /nobody has no committed offset of unread.*--to-group/,
  })
  assert.equal((await billing.letters()).length, 1)
  await billing.repair()
  assert.match((await billing.dlq('redrive', '--to-group', 'all', '--yes')).out, /1 sent/)
  await until(
    async () => (await embedded.committed(billing.group, topic))[0] === 4,
    'it is handled by every group',
  )
  assert.equal((await billing.service.end()).code, 0)
  assert.deepEqual(await billing.letters(), [])
})
