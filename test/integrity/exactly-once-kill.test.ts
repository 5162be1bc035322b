import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { startCommitProxy } from '../support/commit-proxy.ts'
import { printFigures, readFailed } from './accounting.ts'
import { compareOffsets, exactlyOnce } from './exactly-once.ts'
import { openLedger } from './ledger.ts'
import { compareIds, createDatabase } from './postgres.ts'
import type { Service } from './service.ts'
import { createScene } from './setup.ts'
import { sizeOf } from './size.ts'

/** In full: KILLS=10 MOVES=10 LOST=20 CUT=10000 RATE=1000 */
const KILLS = sizeOf('KILLS', 1)
const MOVES = sizeOf('MOVES', 1)
const LOST = sizeOf('LOST', 4)
/** Milliseconds for which the database is away. */
const CUT = sizeOf('CUT', 1_500)
const RATE = sizeOf('RATE', 300)

test('offsets beside the rows, over kill -9, moves, lost answers and restarts of the database: each id once', async (t) => {
  const scene = await createScene(t, { nodes: 3 })
  const database = await createDatabase(t)
  const proxy = await startCommitProxy(t, database.postgres)
  // No key: a record that is written twice shows.
  await database.query('create table rows (id text, partition int, place bigint)')
  const config = exactlyOnce(proxy.urlFile, {
    table: 'rows',
    columns: {
      id: 'id',
      partition: { from: 'partition', type: 'int' },
      place: { from: 'offset', type: 'bigint' },
    },
  })
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const services: Service[] = await Promise.all([1, 2, 3].map(() => scene.run(config, env)))
  const ledger = openLedger(scene)
  t.after(() => ledger.close())

  async function replace(index: number, end: (service: Service) => Promise<unknown>) {
    const service = services[index % services.length]
    if (service !== undefined) await end(service)
    const started = await scene.run(config, env)
    services[index % services.length] = started
    await started.ready()
  }

  async function disturbing(): Promise<void> {
    await Promise.all(services.map((service) => service.ready()))
    for (let lost = 0; lost < LOST; lost++) {
      proxy.fates.push(lost % 2 === 0 ? 'answered' : 'late')
    }
    for (let kill = 0; kill < KILLS; kill++) {
      await replace(kill, (service) => service.kill())
      if (kill === 0 || kill === KILLS - 1) {
        await database.postgres.stop()
        await sleep(300)
        await database.postgres.start()
      }
    }
    for (let move = 0; move < MOVES; move++) {
      await replace(move + 1, async (service) => assert.equal(await service.terminate(), 0))
    }
    proxy.isAway = true
    await sleep(CUT)
    proxy.isAway = false
    await sleep(1_000)
  }
  const during = disturbing()
  // A bad record waits for its letter: what is done of those behind it must survive a kill, too.
  const load = { rate: RATE, duplicateShare: 0, poisonShare: 0.01 }
  const produced = await scene.produce({ during, ...load })
  await during
  await ledger.committedToTheEnd()
  const sent = new Set(produced.events())
  const { rows, missing, twice, unknown } = await compareIds(database, 'rows', 'id', sent)
  const offsets = await compareOffsets(scene, ledger, database)
  const [epochs] = await database.query(
    'select sum(epoch)::int as claims, sum(writes)::int as writes from onchain_offsets',
  )
  const letters = new Set(readFailed(scene.folder).map((one) => `${one.partition}/${one.offset}`))
  printFigures('offsets in PostgreSQL, 3 nodes, 3 members', {
    'kill -9': KILLS,
    'graceful rebalances': MOVES,
    'restarts of the database': KILLS > 1 ? 2 : 1,
    'answers to commits lost': proxy.lost,
    'records in': produced.ids.length,
    'ids in': sent.size,
    'rows out': rows,
    lost: missing.length,
    duplicated: twice.length,
    'bad records in': produced.expected.poison,
    'dead letters': letters.size,
    claims: Number(epochs?.['claims']),
    'offset rows written': Number(epochs?.['writes']),
  })
  assert.deepEqual([missing.slice(0, 10), twice.slice(0, 10), unknown], [[], [], []])
  assert.equal(letters.size, produced.expected.poison)
  assert.deepEqual(offsets, { partitions: scene.partitions, wrong: [] })
  assert.equal(proxy.lost, LOST)
  for (const service of services) assert.equal(await service.terminate(), 0)
})
