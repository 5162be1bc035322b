import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { startCommitProxy } from '../../support/servers/commit-proxy.ts'
import { printFigures } from '../support/accounting.ts'
import { deathsIn } from '../support/deaths.ts'
import { openLedger } from '../support/ledger.ts'
import {
  compareOffsets,
  createRows,
  exactlyOnce,
  WORKERS,
} from '../support/postgres/exactly-once.ts'
import { compareIds, crash, createDatabase } from '../support/postgres/postgres.ts'
import { startTroubled } from '../support/postgres/postgres-troubles.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** In full: as exactly-once-kill.test.ts, with WORKERS=2 EVERY=5000 */
const RATE = sizeOf('RATE', 100)
/** Of so many records of a partition one ends its thread before an answer, and one while its rows are written. */
const EVERY = sizeOf('EVERY', 1_000_000)

test('rows of handlers in worker threads that die, over kill -9, moves, lost answers and restarts of the database: each id once', async (t) => {
  const scene = await createScene(t, { nodes: 3 })
  const database = await createDatabase(t)
  const proxy = await startCommitProxy(t, database.postgres)
  const { urlFile } = proxy
  const path = join(import.meta.dirname, '../handlers/dying.ts')
  const config = {
    ...exactlyOnce(urlFile, await createRows(database)),
    handlers: [{ path, options: { every: EVERY, folder: scene.folder } }],
    processing: { workers: WORKERS || 2, order: 'none' },
    deadLetters: { target: 'postgres', postgres: { urlFile } },
  }
  const troubled = await startTroubled(scene, config, proxy)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())

  const during = troubled.disturb(() => crash(database, 300))
  const load = { rate: RATE, duplicateShare: 0, poisonShare: 0.01 }
  const produced = await scene.produce({ during, ...load })
  await during
  await ledger.committedToTheEnd()
  const sent = new Set(produced.events())
  const { rows, missing, twice, unknown } = await compareIds(database, 'rows', 'id', sent)
  const offsets = await compareOffsets(scene, ledger, database)
  const letters = await database.query(
    `select error_type as type, exists (select from rows where partition = original_partition and place = original_offset) as has_rows
     from onchain_dead_letters`,
  )
  const wrong = letters.filter(
    ({ type, has_rows }) => has_rows === true || /WORKER|EMIT/.test(String(type)),
  )
  const deaths = deathsIn(scene.folder)
  printFigures('offsets in PostgreSQL, handlers in worker threads, 3 nodes, 3 members', {
    ...troubled.figures(),
    'threads of a member': config.processing.workers,
    'threads that died before an answer': deaths.before,
    'threads that died while rows were written': deaths.written,
    'records in': produced.ids.length,
    'ids in': sent.size,
    'rows out': rows,
    lost: missing.length,
    duplicated: twice.length,
    'bad records in': produced.expected.poison,
    'dead letters': letters.length,
  })
  assert.deepEqual([missing.slice(0, 10), twice.slice(0, 10), unknown], [[], [], []])
  assert.deepEqual([letters.length, wrong], [produced.expected.poison, []])
  assert.deepEqual(offsets, { partitions: scene.partitions, wrong: [] })
  assert.ok(deaths.before > 0 && deaths.written > 0)
  await troubled.end()
})
