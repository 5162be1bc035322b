import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { startReceiver } from '../../../dev/webhook/receiver.ts'
import type { ChainEvent } from '../../../src/decode/types.ts'
import { sendSynthetic } from '../../support/records/synthetic-stream.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { byId, idsIn, wantedOf } from '../../support/wallets-example.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, ROOT, startService } from './process.ts'

const TOPIC = 'solana.transfers'
const MESSAGES = 3_000
const WALLETS = 5_000

/** Distinct events of the stream, with some that come twice and some messages that are damaged. */
let events: ReadonlyMap<string, ChainEvent>
const embedded = useKafka(async (kafka) => {
  await kafka.createTopic(TOPIC, 2)
  events = await sendSynthetic(kafka, TOPIC, MESSAGES, {
    seed: 7,
    stream: 'solana',
    amounts: 'everyday',
    duplicateShare: 0.1,
    poisonShare: 0.01,
    partitions: 2,
  })
})

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

test('wallets-to-postgres: each transfer of a wallet is a row, each whale is posted, also over kill -9 and 429', async (t) => {
  const folder = temporaryFolder(t)
  await symlink(join(ROOT, 'examples'), join(folder, 'examples'))
  const cache = join(folder, '.cache/wallets')
  await mkdir(cache, { recursive: true })

  const posted = new Set<string>()
  const refused = new Set<string>()
  const receiver = await startReceiver({
    refuseEvery: 3,
    accepted: (text) => idsIn(text).forEach((id) => void posted.add(id)),
    refused: (text) => idsIn(text).forEach((id) => void refused.add(id)),
  })
  t.after(() => receiver.close())
  const wallets = join(ROOT, 'dev/produce/wallets.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [wallets, String(WALLETS)])
  await writeFile(join(cache, 'wallets.txt'), stdout)
  await writeFile(join(cache, 'postgres-url'), `${postgres.url}\n`)
  await writeFile(join(cache, 'webhook-url'), `${receiver.url}\n`)
  const wanted = wantedOf(events.values(), stdout)
  assert.equal(wanted.watched, WALLETS)
  const counts = `${wanted.posts.length} of ${wanted.rows.length}`
  assert.ok(wanted.posts.length > 3 && wanted.rows.length > 500, counts)

  const database = new pg.Client({ connectionString: postgres.url })
  await database.connect()
  t.after(() => database.end())
  const rows = async () =>
    (await database.query('select id, amount::text from transfers order by id')).rows
  const env = {
    ...plainEnvironment(t, embedded.kafka, TOPIC, 'wallets'),
    KAFKA_SESSION_TIMEOUT_MS: '6000',
  }
  const start = () =>
    startService(t, env, ['--config', 'examples/wallets-to-postgres/config.yaml'], folder)
  const first = start()
  await until(
    () =>
      rows().then(
        ({ length }) => length > 50,
        () => false,
      ),
    'the first rows are there',
  )
  await first.end('SIGKILL')
  const second = start()
  await until(
    async () => (await embedded.committedTotal('wallets', TOPIC)) === MESSAGES,
    'all are handled',
  )
  assert.equal((await second.end()).code, 0)

  assert.deepEqual((await rows()).sort(byId), wanted.rows)
  assert.deepEqual([...posted].sort(), wanted.posts)
  assert.ok(refused.size > 0)
  t.diagnostic(
    `${MESSAGES} messages, ${wanted.rows.length} rows, ${wanted.posts.length} whales, ${refused.size} of them refused at first`,
  )
})
