import assert from 'node:assert/strict'
import test from 'node:test'
import { printFigures, readFailed } from './accounting.ts'
import { openLedger } from './ledger.ts'
import { compareIds, crash, createDatabase } from './postgres.ts'
import type { Service } from './service.ts'
import { createScene } from './setup.ts'
import { sizeOf } from './size.ts'

const NODES = sizeOf('NODES', 1)
const KILLS = sizeOf('KILLS', 6)
const RATE = sizeOf('RATE', 150)

test('transfers without code into PostgreSQL, over kill -9 and two crashes of the database: each id once', async (t) => {
  const scene = await createScene(t, { nodes: NODES })
  const database = await createDatabase(t)
  const config = {
    sinks: {
      db: {
        type: 'postgres',
        urlFile: database.postgres.urlFile,
        events: 'transfers',
        migrate: true,
      },
    },
    handlers: [{ sink: 'db' }],
    circuit: { probeAfter: '300ms', maxProbeAfter: '2s' },
  }
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const services: Service[] = await Promise.all([1, 2, 3].map(() => scene.run(config, env)))
  const ledger = openLedger(scene)
  t.after(() => ledger.close())

  async function disturbing(): Promise<void> {
    await Promise.all(services.map((service) => service.ready()))
    for (let kill = 0; kill < KILLS; kill++) {
      const index = kill % services.length
      await services[index]?.kill()
      const started = await scene.run(config, env)
      services[index] = started
      await started.ready()
      // The second crash lasts longer than the records in flight have attempts.
      if (kill === 1 || kill === 4) await crash(database, kill === 1 ? 500 : 5_000)
    }
  }
  const during = disturbing()
  const produced = await scene.produce({ during, rate: RATE, duplicateShare: 0.02 })
  await during
  await ledger.committedToTheEnd()
  const sent = new Set(produced.events())
  const { rows, missing, twice, unknown } = await compareIds(
    database,
    'onchain_transfers',
    'event_id',
    sent,
  )
  const failed = readFailed(scene.folder)
  printFigures('PostgreSQL without code, 3 members', {
    nodes: NODES,
    'kill -9': KILLS,
    'crashes of the database': 2,
    'records in': produced.ids.length,
    'ids in': sent.size,
    'rows out': rows,
    lost: missing.length,
    duplicated: twice.length,
    'dead letters': failed.length,
  })
  assert.deepEqual([missing.slice(0, 10), twice, unknown], [[], [], []])
  assert.equal(failed.length, 0)
  for (const service of services) assert.equal(await service.terminate(), 0)
})
