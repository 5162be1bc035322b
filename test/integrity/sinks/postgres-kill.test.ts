import assert from 'node:assert/strict'
import test from 'node:test'
import { startCommitProxy } from '../../support/servers/commit-proxy.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { openLedger } from '../support/ledger.ts'
import { WORKERS } from '../support/postgres/exactly-once.ts'
import { compareIds, crash, createDatabase } from '../support/postgres/postgres.ts'
import { startTroubled, TROUBLES } from '../support/postgres/postgres-troubles.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** The rest of the sizes: postgres-troubles.ts. In full: NODES=3, too; with WORKERS=2 in worker threads. */
const NODES = sizeOf('NODES', 1)
const RATE = sizeOf('RATE', 150)

test('transfers without code into PostgreSQL, over kill -9, moves, lost answers and crashes of the database: each id once', async (t) => {
  const scene = await createScene(t, { nodes: NODES })
  const database = await createDatabase(t)
  const proxy = await startCommitProxy(t, database.postgres)
  const config = {
    sinks: {
      db: {
        type: 'postgres',
        urlFile: proxy.urlFile,
        events: 'transfers',
        migrate: true,
      },
    },
    handlers: [{ sink: 'db' }],
    processing: { workers: WORKERS },
    circuit: { probeAfter: '300ms', maxProbeAfter: '2s' },
  }
  const troubled = await startTroubled(scene, config, proxy)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())

  // The last crash lasts longer than the records in flight have attempts.
  const pauses = TROUBLES.kills > 1 ? [500, 5_000] : [5_000]
  const during = troubled.disturb(() => crash(database, pauses.shift() ?? 0))
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
    ...troubled.figures(),
    'records in': produced.ids.length,
    'ids in': sent.size,
    'rows out': rows,
    lost: missing.length,
    duplicated: twice.length,
    'dead letters': failed.length,
  })
  assert.deepEqual([missing.slice(0, 10), twice, unknown], [[], [], []])
  assert.equal(failed.length, 0)
  await troubled.end()
})
