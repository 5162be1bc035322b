import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { mount } from '../../support/config-map.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { poolOf } from '../sinks/postgres-table.ts'
import { plainEnvironment, runHere, startService } from './process.ts'

const embedded = useKafka()
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

/** What a record asks for is in its value. */
const PARKER = `
export default {
  name: 'parker',
  async handle({ record, document: { id, first, until } }, { later, parked, emit, replay }) {
    if (parked === null && first === 'later') return later(1500, 'it comes too early')
    if (first === 'hour') return later(3_600_000, 'it is for later')
    if (first === 'away') throw Object.assign(new Error('its shop is closed'), { code: 'ECONNREFUSED' })
    if (parked !== null && parked.times < (until ?? 0)) return later(200)
    await emit('rows', {
      id, topic: record.topic, partition: record.partition, place: record.offset, time: record.timestamp,
      header: String(record.headers.mark), times: parked?.times ?? 0, at: Date.now(),
    })
  },
}`

/** Another handler of the same records, which is done with each at once. */
const OTHER = `
export default {
  name: 'other',
  handle: async ({ document: { id } }, { emit }) => emit('others', { id }),
}`

const COLUMNS = {
  id: 'id',
  topic: 'topic',
  partition: { from: 'partition', type: 'int' },
  place: { from: 'place', type: 'bigint' },
  time: { from: 'time', type: 'bigint' },
  header: 'header',
  times: { from: 'times', type: 'int' },
  at: { from: 'at', type: 'bigint' },
}

async function setUp(t: TestContext, name: string, config: object) {
  const direct = poolOf(postgres.urlFile)
  t.after(() => direct.close())
  await direct.query(
    `create table ${name} (id text, topic text, partition int, place bigint, time bigint, header text, times int, at bigint)`,
  )
  await direct.query(`create table ${name}_others (id text)`)
  await embedded.createTopic(name)
  const { at } = await mount(t, { 'parker.mjs': PARKER, 'other.mjs': OTHER })
  const path = join(temporaryFolder(t), 'config.yaml')
  const { urlFile } = postgres
  const sink = { type: 'postgres', urlFile }
  await writeFile(
    path,
    JSON.stringify({
      handlers: [{ path: at('parker.mjs') }, { path: at('other.mjs') }],
      sinks: {
        rows: { ...sink, table: name, columns: COLUMNS },
        others: { ...sink, table: `${name}_others`, columns: { id: 'id' } },
      },
      retry: { attempts: 2, backoff: '10ms' },
      deadLetters: { target: 'postgres', postgres: { urlFile, table: `${name}_letters` } },
      ...config,
    }),
  )
  const env = { ...plainEnvironment(t, embedded.kafka, name), KAFKA_GROUP_ID: name }
  const rows = async () =>
    (await direct.query(`select * from ${name} order by id`)).rows.map((row) => ({
      ...row,
      place: Number(row.place),
      time: Number(row.time),
      at: Number(row.at),
    }))
  const count = async (table: string) =>
    Number((await direct.query(`select count(*) as n from ${table}`)).rows[0]?.n)
  return { path, env, direct, rows, count }
}

const parked = (over: object = {}) => ({
  store: 'postgres',
  afterRetries: true,
  attempts: 3,
  backoff: '300ms',
  poll: '100ms',
  lease: '3s',
  ...over,
})

function messages(time: number) {
  const headers = { mark: 'as it was' }
  return [
    { id: 'early', first: 'later' },
    { id: 'shut', first: 'away' },
    { id: 'twice', first: 'later', until: 3 },
    ...Array.from({ length: 20 }, (_, index) => ({ id: `plain-${index}` })),
    { id: 'last', first: 'hour' },
  ].map((value, index) => ({
    value: JSON.stringify(value),
    headers,
    timestamp: String(time + index),
    partition: 0,
  }))
}

for (const [name, store, workers] of [
  ['parked_joined', 'postgres', 0],
  ['parked_apart', 'kafka', 0],
  ['parked_workers', 'kafka', 1],
] as const) {
  test(`parked records are handled again when they are due: ${name}`, async (t) => {
    const { urlFile } = postgres
    const { path, env, rows, count, direct } = await setUp(t, name, {
      ...(store === 'postgres' && { offsets: { store, postgres: { urlFile, migrate: true } } }),
      processing: { workers },
      parked: parked({ postgres: { urlFile, table: `${name}_parked`, migrate: true } }),
    })
    const began = Date.now()
    await embedded.send(name, messages(began))
    const service = startService(t, env, ['--config', path])
    await service.ready()
    // The partition goes on, and its offsets are finished, while they wait.
    await until(async () => (await embedded.committedTotal(name, name)) === 24, 'all offsets')
    await until(async () => (await count(`${name}_letters`)) === 1, 'the letter')
    await until(async () => (await rows()).length === 22, 'the rows')
    await until(async () => (await count(`${name}_parked`)) === 1, 'the one that is not due')
    const found = new Map((await rows()).map((row) => [row.id, row]))
    const common = { header: 'as it was', topic: name, partition: 0 }
    assert.deepEqual(
      ['early', 'twice', 'plain-0'].map((id) => {
        const { place, time, header, times, topic, partition } = found.get(id) ?? {}
        return { id, place, time: Number(time) - began, header, times, topic, partition }
      }),
      [
        { id: 'early', place: 0, time: 0, times: 1, ...common },
        { id: 'twice', place: 2, time: 2, times: 3, ...common },
        { id: 'plain-0', place: 3, time: 3, times: 0, ...common },
      ],
    )
    assert.ok((found.get('early')?.at ?? 0) - began >= 1500)
    const { rows: letters } = await direct.query(
      `select original_offset::int as place, handler, attempts, error_message from ${name}_letters`,
    )
    assert.equal(letters.length, 1)
    assert.deepEqual(
      { ...letters[0], error_message: String(letters[0]?.error_message).includes('shop') },
      { place: 1, handler: 'parker', attempts: 3, error_message: true },
    )
    // The other handler was done with each the first time.
    assert.equal(await count(`${name}_others`), 24)
    const { stdout } = await runHere(['dlq', 'list', '--parked', '--config', path], env)
    assert.match(
      stdout,
      new RegExp(`${name}/0/23 +parker +2[-\\dTZ:]+ +in \\d+ min +1 +0 .* it is for later`),
    )
    const { body } = await service.get('/metrics')
    assert.match(body, new RegExp(`parked_attempts_total\\{topic="${name}",result="ok"\\} 2`))
    assert.match(body, new RegExp(`parked_records_total\\{topic="${name}"\\} 4`))
    assert.equal(JSON.parse((await service.get('/lag')).body).parked.length, 1)
    assert.equal((await service.end()).code, 0)
  })
}

test('parked records can be handled at once, or dropped to the dead letters, from the command line', async (t) => {
  const name = 'parked_commands'
  const { urlFile } = postgres
  const { path, env, rows, count, direct } = await setUp(t, name, {
    parked: parked({ postgres: { urlFile, table: `${name}_parked`, migrate: true } }),
  })
  const hours = ['later', 'hour', 'hour'].map((first, index) => ({
    value: JSON.stringify({ id: `${index}`, first }),
    headers: { mark: '' },
    partition: 0,
  }))
  await embedded.send(name, hours)
  const service = startService(t, env, ['--config', path])
  await service.ready()
  await until(async () => (await rows()).length === 1, 'the first, when it was due')
  await until(async () => (await count(`${name}_parked`)) === 2, 'the others to be parked')
  const dlq = (...args: string[]) => runHere(['dlq', ...args, '--parked', '--config', path], env)

  const dry = await dlq('redrive')
  assert.match(dry.stdout, /2 parked records to be handled now\n\nNothing was changed/)
  const wrong = await dlq('drop', `${name}/0/9`)
  assert.deepEqual(
    [wrong.code, /no parked record parked_commands\/0\/9/.test(wrong.stderr)],
    [1, true],
  )
  assert.match(
    (await dlq('redrive', '--to-handlers')).stderr,
    /--to-handlers does not go with --parked/,
  )

  const again = () =>
    direct.query(`select max(times) as times from ${name}_parked where record_offset = 2`)
  const redriven = await dlq('redrive', `${name}/0/2`, '--yes')
  assert.match(redriven.stdout, /\n1 are due now/)
  // It is handled, and asks for another hour.
  await until(async () => (await again()).rows[0]?.times === 2, 'the one that is due')

  const dropped = await dlq('drop', '--handler', 'parker', '--yes')
  assert.match(dropped.stdout, /\n2 became dead letters/)
  assert.equal(await count(`${name}_parked`), 0)
  const { rows: letters } = await direct.query(
    `select original_offset::int as place, handler, error_type from ${name}_letters order by 1`,
  )
  assert.deepEqual(
    letters,
    [1, 2].map((place) => ({ place, handler: 'parker', error_type: 'OCC_PARKED_DROPPED' })),
  )
  assert.equal((await service.end()).code, 0)
})
