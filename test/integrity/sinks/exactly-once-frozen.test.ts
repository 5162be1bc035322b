import assert from 'node:assert/strict'
import test from 'node:test'
import { startCommitProxy } from '../../support/servers/commit-proxy.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { openLedger } from '../support/ledger.ts'
import { compareOffsets, exactlyOnce } from '../support/postgres/exactly-once.ts'
import { compareIds, createDatabase } from '../support/postgres/postgres.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** In full: FREEZES=10 */
const FREEZES = sizeOf('FREEZES', 1)
const SESSION = 3_000

test('a member that is frozen in a transaction writes nothing once others have its partitions: each id once', async (t) => {
  const scene = await createScene(t, { nodes: 3 })
  const database = await createDatabase(t)
  const proxy = await startCommitProxy(t, database.postgres)
  await database.query('create table rows (id text)')
  const sink = { table: 'rows', columns: { id: 'id' } }
  const env = {
    KAFKA_SESSION_TIMEOUT_MS: String(SESSION),
    KAFKA_HEARTBEAT_INTERVAL_MS: '500',
  }
  const victim = await scene.run(exactlyOnce(proxy.urlFile, sink), env)
  const other = await scene.run(exactlyOnce(database.postgres.urlFile, sink), env)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const wentBack: string[] = []
  const newest = new Map<unknown, number>()
  const { pid } = victim.process

  async function look(): Promise<number> {
    const rows = await database.query('select partition, next_offset, owner from onchain_offsets')
    for (const { partition, next_offset: next } of rows) {
      if (Number(next) < (newest.get(partition) ?? 0)) wentBack.push(`${partition}: ${next}`)
      newest.set(partition, Number(next))
    }
    return rows.filter(({ owner }) => String(owner).includes(`/${pid}/`)).length
  }

  /** Late ones: refused, or ended by the server, which waits for a client only so long. */
  async function refusedSoFar(): Promise<number> {
    const { body } = await victim.get('/metrics')
    const counts = body.matchAll(/offset_transactions_total\{result="(?:fenced|failed)"\} (\d+)/g)
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  async function freezing(): Promise<void> {
    await Promise.all([victim.ready(), other.ready()])
    for (let freeze = 0; freeze < FREEZES; freeze++) {
      await until(async () => (await look()) > 0, 'it to own partitions')
      // Its transaction is open, and has touched nothing yet.
      const release = await proxy.hold('with mine as')
      victim.process.kill('SIGSTOP')
      await until(async () => (await look()) === 0, 'others to have its partitions')
      const before = [...newest]
      await until(async () => {
        await look()
        return before.some(([partition, next]) => (newest.get(partition) ?? 0) > next)
      }, 'others to go on with its partitions')
      victim.process.kill('SIGCONT')
      release()
      await until(async () => (await refusedSoFar()) > freeze, 'its late transaction to be refused')
    }
  }
  const during = freezing()
  const produced = await scene.produce({ during, rate: 300, duplicateShare: 0 })
  await during
  await ledger.committedToTheEnd()
  await look()
  const sent = new Set(produced.events())
  const { rows, missing, twice, unknown } = await compareIds(database, 'rows', 'id', sent)
  const offsets = await compareOffsets(scene, ledger, database)
  const refused = await refusedSoFar()
  const failed = readFailed(scene.folder)
  printFigures('a member frozen in a transaction', {
    freezes: FREEZES,
    'late transactions refused': refused,
    'records in': produced.ids.length,
    'ids in': sent.size,
    'rows out': rows,
    lost: missing.length,
    duplicated: twice.length,
    'offsets that went back': wentBack.length,
    'dead letters': failed.length,
  })
  assert.deepEqual([missing.slice(0, 10), twice.slice(0, 10), unknown, wentBack], [[], [], [], []])
  assert.equal(failed.length, 0)
  assert.ok(refused >= FREEZES)
  assert.deepEqual(offsets, { partitions: scene.partitions, wrong: [] })
  for (const service of [victim, other]) assert.equal(await service.terminate(), 0)
})
