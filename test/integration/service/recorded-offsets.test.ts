import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { createOffsetRecorder } from '../../../src/app/offsets/record-offsets.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createRecordTable } from '../../../src/sink/postgres/offsets/recording.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { configOf, loadYaml } from '../../unit/config/support.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { poolOf } from '../sinks/postgres-table.ts'
import { plainEnvironment, runHere, startService } from './process.ts'

const TOPIC = 'recorded'
const embedded = useKafka(({ createTopic }) => createTopic(TOPIC, 2))
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

async function produce(count: number): Promise<void> {
  for (const partition of [0, 1]) await embedded.produce(TOPIC, numbered(count, 'n'), partition)
}

test('committed offsets are recorded in a table, which stops nothing while it is away', async (t) => {
  const folder = temporaryFolder(t)
  const config = join(folder, 'config.yaml')
  const { urlFile } = postgres
  await writeFile(
    config,
    JSON.stringify({
      offsets: {
        postgres: { urlFile, migrate: true },
        record: { every: '1s' },
      },
      decode: { topics: [{ pattern: TOPIC, format: 'text' }] },
    }),
  )
  const env = { ...plainEnvironment(t, embedded.kafka, TOPIC), KAFKA_GROUP_ID: 'g' }
  const pool = poolOf(urlFile)
  t.after(() => pool.close())
  const recorded = async () => {
    const text =
      'select partition, next_offset::int as next, topic_id is not null as has_id, owner from onchain_recorded_offsets order by 1'
    const { rows } = await pool.query(text).catch(() => ({ rows: [] }))
    return rows
  }
  const nexts = async () => (await recorded()).map(({ next }) => next)
  const untilRecorded = (offset: number) =>
    until(async () => (await nexts()).join() === `${offset},${offset}`, `${offset} to be recorded`)

  await produce(10)
  const service = startService(t, env, ['--config', config])
  await untilRecorded(10)
  const [row] = await recorded()
  assert.deepEqual([row?.has_id, row?.owner !== ''], [true, true])

  await postgres.kill()
  await produce(10)
  await until(
    async () => (await embedded.committedTotal('g', TOPIC)) === 40,
    'what comes meanwhile to be committed',
  )
  await service.logged(({ event }) => event === 'offsets.unrecorded', 'a warning')
  await postgres.start()
  await untilRecorded(20)
  await service.logged(({ event }) => event === 'offsets.recorded', 'the end of it')
  const { body } = await service.get('/metrics')
  assert.match(body, /^onchain_consumer_offset_recordings_total\{result="failed"\} [1-9]/m)
  const warnings = service.lines.filter(({ event }) => event === 'offsets.unrecorded')
  assert.equal(warnings.length, 1)

  // What is left is written at the end.
  await produce(5)
  await until(async () => (await embedded.committedTotal('g', TOPIC)) === 50, 'the commit')
  const { code } = await service.end()
  assert.deepEqual([code, await nexts()], [0, [25, 25]])

  const out = join(folder, 'offsets.json')
  const args = ['--config', config, '--brokers', embedded.kafka.brokers.plaintext, '--group', 'g']
  const exported = await runHere(['offsets', 'export', '--recorded', '--out', out, ...args])
  assert.deepEqual([exported.code, exported.stderr], [0, ''])
  assert.deepEqual(JSON.parse(await readFile(out, 'utf8')).partitions, [
    { topic: TOPIC, partition: 0, offset: 25 },
    { topic: TOPIC, partition: 1, offset: 25 },
  ])
  // The group is gone from the brokers; what was recorded brings it back.
  await embedded.admin.deleteGroups(['g'])
  const undo = ['--undo', join(folder, 'undo.json')]
  const imported = await runHere([
    'offsets',
    'import',
    out,
    '--allow-skip',
    '--yes',
    ...undo,
    ...args,
  ])
  assert.equal(imported.code, 0, imported.stderr)
  assert.deepEqual(await embedded.committed('g', TOPIC), [25, 25])
})

test('of two processes the one that committed last is in the table', async (t) => {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  const table = (owner: string) =>
    createRecordTable({ group: 'two', table: 'onchain_recorded_offsets', owner }, pool)
  const offset = { topic: 't', partition: 0, finished: [], topicId: null }
  await table('new').write([{ ...offset, offset: 9, committedAt: 2_000 }])
  await table('old').write([{ ...offset, offset: 5, committedAt: 1_000 }])
  assert.deepEqual(await table('').read(), [{ topic: 't', partition: 0, offset: 9 }])
  // An operator has set it back since.
  await table('new').write([{ ...offset, offset: 3, committedAt: 3_000 }])
  assert.deepEqual(await table('').read(), [{ topic: 't', partition: 0, offset: 3 }])
})

test('a commit that is answered late does not replace that of the next owner, in this process or another', async (t) => {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  const text = JSON.stringify({
    kafka: { groupId: 'late', topics: [TOPIC] },
    offsets: {
      postgres: { urlFile: postgres.urlFile, migrate: true },
      record: { every: '1h' },
    },
  })
  const config = configOf(loadYaml(t, text, {}))
  let now = 1_000
  const clock = { ...systemClock, now: () => now++ }
  const open = () => {
    const made = createOffsetRecorder(config, { meters: createMeters(), clock, log: silentLog })
    assert.ok(made !== null)
    return made
  }
  const offset = (partition: number, next: number) => {
    return { topic: TOPIC, partition, offset: next, metadata: '', finished: [] }
  }
  const [old, next] = [open(), open()]
  const answer = Promise.withResolvers<void>()
  const late = old.watch({ commit: () => answer.promise })
  const committing = late.commit([offset(0, 5), offset(1, 5)])
  const atOnce = { commit: async () => {} }
  await old.watch(atOnce).commit([offset(0, 9)])
  await next.watch(atOnce).commit([offset(1, 9)])
  await next.close()
  answer.resolve()
  await committing
  await old.close()
  const table = createRecordTable(
    { group: 'late', table: 'onchain_recorded_offsets', owner: '' },
    pool,
  )
  const nexts = (await table.read()).map(({ offset: recorded }) => recorded)
  assert.deepEqual(nexts, [9, 9])
})
