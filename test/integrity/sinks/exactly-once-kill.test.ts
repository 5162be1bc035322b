import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { startCommitProxy } from '../../support/servers/commit-proxy.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { openLedger } from '../support/ledger.ts'
import { compareOffsets, createRows, exactlyOnce } from '../support/postgres/exactly-once.ts'
import { compareIds, createDatabase } from '../support/postgres/postgres.ts'
import { startTroubled } from '../support/postgres/postgres-troubles.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RATE = sizeOf('RATE', 300)

test('offsets beside the rows, over kill -9, moves, lost answers and restarts of the database: each id once', async (t) => {
  const scene = await createScene(t, { nodes: 3 })
  const database = await createDatabase(t)
  const proxy = await startCommitProxy(t, database.postgres)
  const config = exactlyOnce(proxy.urlFile, await createRows(database))
  const troubled = await startTroubled(scene, config, proxy)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())

  const during = troubled.disturb(async () => {
    await database.postgres.stop()
    await sleep(300)
    await database.postgres.start()
  })
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
    ...troubled.figures(),
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
  await troubled.end()
})
