import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { openLedger, readHandlings, readLogs, troubles } from '../support/ledger.ts'
import { startLoad } from '../support/load.ts'
import { createScene } from '../support/setup.ts'

/** An hour back, right again, an hour ahead, right again: as wall-clock-preload.mjs has it. */
const STEPS = 4
/** Longer than the session: who measures it by the wall clock is out of the group by then. */
const BETWEEN = 8_000
/** Records that it handles after each step, at least. */
const CONTINUES = 300
const ENV = {
  KAFKA_SESSION_TIMEOUT_MS: '6000',
  KAFKA_HEARTBEAT_INTERVAL_MS: '500',
  KAFKA_METADATA_MAX_AGE_MS: '3000',
  NODE_OPTIONS: `--import ${join(import.meta.dirname, '../support/wall-clock-preload.mjs')}`,
}

test('the wall clock of a service steps by an hour: it does not matter', async (t) => {
  const scene = await createScene(t)
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const services = [await scene.start(ENV), await scene.start(ENV)]
  await Promise.all(services.map((service) => service.ready()))
  const load = startLoad(scene, { count: 5, every: 100, bytes: 500 })
  t.after(() => load.stop())
  await until(() => readHandlings(scene.folder).length > 500, 'records to be handled')
  const rounds = () => readLogs(scene.folder).filter(({ event }) => event === 'group.rebalanced')
  await until(async () => {
    const reports = await Promise.all(services.map((service) => service.get('/lag')))
    return reports.every(({ body }) => JSON.parse(body).partitions.length === scene.partitions / 2)
  }, 'each to have half of the partitions')
  const before = rounds().length
  const [stepping] = services
  assert.ok(stepping)
  const seen = () =>
    readHandlings(scene.folder).filter(({ service }) => service === stepping.number)
  const counts: number[] = []
  for (let step = 0; step < STEPS; step++) {
    const handled = seen().length
    stepping.process.kill('SIGUSR2')
    await sleep(BETWEEN)
    await until(() => seen().length - handled > CONTINUES, 'it to continue')
    counts.push(seen().length - handled)
  }
  const offBy = seen().filter(({ time }) => Math.abs(time - Date.now()) > 1_800_000).length
  const after = rounds().length
  await load.stop()
  await ledger.committedToTheEnd()
  for (const service of services) assert.equal(await service.terminate(), 0)
  const account = await ledger.account()
  printFigures('a wall clock that steps', {
    'handled by a wrong clock': offBy,
    'handled after each step': counts.join(', '),
    committed: account.committed,
    'lost (goal 0)': account.lost.length,
    'handled again (goal 0)': account.again,
    'rounds of the group after the first (goal at most 1)': after - before,
    'offsets that went back (goal 0)': account.wentBack.join('; ') || 0,
    troubles: troubles(scene.folder),
  })
  assert.ok(offBy > 500, 'the clock has to be wrong for the test to say anything')
  assert.deepEqual(account.lost, [])
  assert.deepEqual(account.wentBack, [])
  assert.equal(account.again, 0)
  assert.ok(after - before <= 1, `${after - before} rounds`)
})
