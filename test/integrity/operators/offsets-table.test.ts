// Offsets in a table, set by an operator: over a kill -9 in the middle of what is handled once more,
// and while the service is stopped. The table of rows has no key, so each time shows.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { offsets } from '../../../src/cli/offsets/offsets.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { createDatabase } from '../support/postgres/postgres.ts'
import { createScene, startProducer } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** Of each of two partitions. In full: RECORDS=20000 */
const RECORDS = sizeOf('RECORDS', 1_000)
const BACK = RECORDS / 10
const TOKEN = 'a-token-that-nobody-guesses'

const HANDLER = `export default {
  name: 'rows',
  async handle({ record: { partition, offset } }, { emit, replay }) {
    await emit('db', { part: partition, place: offset, replay })
  },
}`

test('offsets in a table are set while the service runs and while it is stopped, exactly once each time', async (t) => {
  const scene = await createScene(t, { topic: 'a', partitions: 2 })
  const database = await createDatabase(t)
  await database.query('create table rows (part int, place bigint, replay boolean)')
  const producer = await startProducer(t, scene.brokers)
  const file = (name: string) => join(scene.folder, name)
  writeFileSync(file('rows.mjs'), HANDLER)
  writeFileSync(file('token'), TOKEN)
  const { urlFile } = database.postgres
  const columns = {
    part: { from: 'part', type: 'int' },
    place: { from: 'place', type: 'bigint' },
    replay: { from: 'replay', type: 'boolean' },
  }
  const store = { store: 'postgres', postgres: { urlFile, migrate: true, batch: { rows: 20 } } }
  const config = {
    offsets: store,
    sinks: { db: { type: 'postgres', urlFile, table: 'rows', columns } },
    handlers: [{ path: file('rows.mjs') }],
    admin: { tokenFile: file('token') },
  }
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const kafka = { brokers: scene.brokers.split(','), topics: ['a'], groupId: scene.groupId }
  writeFileSync(file('cli.yaml'), JSON.stringify({ kafka, offsets: store }))

  async function produce(): Promise<void> {
    const messages = Array.from({ length: RECORDS * 2 }, (_, index) => {
      return { partition: index % 2, value: `${index}` }
    })
    await producer.send({ topic: 'a', messages, acks: -1 })
  }

  async function rowsFrom(sql: string): Promise<number> {
    const [row] = await database.query(`select count(*)::int as n from rows ${sql}`)
    return Number(row?.['n'])
  }

  async function run(...args: readonly string[]) {
    const io = fakeIo()
    const code = await offsets(args, io)
    return { code, out: io.stdout.written() }
  }

  const cli = ['--config', file('cli.yaml')]
  let service = await scene.run(config, env)
  await service.ready()
  await produce()
  await until(async () => (await rowsFrom('')) === RECORDS * 2, 'all rows')

  // Refused before anything is shown: the group has a member.
  const status = await run('status', ...cli)
  assert.match(status.out, /1 member, its offsets are in the table onchain_offsets/)
  const choice = ['--topic', 'a', '--partition', '0', '--to', String(BACK)]
  await assert.rejects(run('set', ...choice, '--yes', '--undo', file('no.json'), ...cli), {
    code: 'OCC_GROUP_ACTIVE',
  })

  // While it runs, and killed as soon as some of it was handled again.
  const through = ['--url', service.url, '--token-file', file('token')]
  const live = await run('set', ...choice, '--yes', '--undo', file('undo-0.json'), ...through)
  assert.equal(live.code, 0, live.out)
  await until(async () => (await rowsFrom('where replay')) > 0, 'some of it again')
  await service.kill()
  const atKill = await rowsFrom('where replay')
  service = await scene.run(config, env)
  await service.ready()
  const again = RECORDS - BACK
  await until(async () => (await rowsFrom('where part = 0')) >= RECORDS + again, 'all of it again')
  await produce()
  await until(async () => (await rowsFrom('where part = 0')) >= 2 * RECORDS + again, 'the new ones')
  assert.equal(await service.terminate(), 0)

  // While it is stopped: set back, forward, and back by the undo.
  const stopped = ['--topic', 'a', '--partition', '1', '--yes', ...cli]
  const back = await run('set', ...stopped, '--to', `-${BACK}`, '--undo', file('undo-1.json'))
  assert.match(back.out, /no members, its offsets are in the table onchain_offsets/)
  const forward = ['--to', 'END', '--undo', file('undo-2.json')]
  assert.equal((await run('set', ...stopped, ...forward)).code, 0)
  const undo = [file('undo-2.json'), '--yes', '--undo', file('redo.json'), ...cli]
  assert.equal((await run('import', ...undo)).code, 0)
  service = await scene.run(config, env)
  await service.ready()
  const all = 4 * RECORDS + again + BACK
  await until(async () => (await rowsFrom('')) >= all, 'all rows')
  assert.equal(await service.terminate(), 0)

  const wanted = `select part, place, replay, count(*)::int as times from rows group by 1, 2, 3`
  const rows = await database.query(wanted)
  const isAgain = (part: unknown, place: number) =>
    part === 0 ? place >= BACK && place < RECORDS : place >= 2 * RECORDS - BACK
  const twice = rows.filter(({ times }) => times !== 1)
  const unmarked = rows.filter(
    ({ part, place, replay }) => replay === true && !isAgain(part, Number(place)),
  )
  const first = rows.filter(({ replay }) => replay === false).length
  const replayed = rows.filter(({ replay }) => replay === true).length
  const told = await database.query(
    'select partition, next_offset::int as next from onchain_offsets order by 1',
  )
  printFigures('offsets in a table, set by an operator', {
    'records in': 4 * RECORDS,
    'handled again before the kill': atKill,
    'handled again': replayed,
    lost: 4 * RECORDS - first,
    duplicated: twice.length,
    'marked as handled again, and were not': unmarked.length,
    'dead letters': readFailed(scene.folder).length,
  })
  assert.deepEqual([twice.slice(0, 5), unmarked.slice(0, 5)], [[], []])
  assert.equal(first, 4 * RECORDS)
  assert.equal(replayed, again + BACK)
  assert.deepEqual(told, [
    { partition: 0, next: 2 * RECORDS },
    { partition: 1, next: 2 * RECORDS },
  ])
})
