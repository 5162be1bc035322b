import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../support/metric.ts'
import { account, longestPause, printFigures, readHandled } from './accounting.ts'
import { type Service, until } from './service.ts'
import { createScene } from './setup.ts'

const REBALANCES = 20
/** Messages a second, for as long as members come and go. */
const RATE = 1000

test('20 graceful rebalances under load: nothing is lost, hardly anything repeated', async (t) => {
  const scene = await createScene(t)
  const stable = await scene.start()
  await stable.ready()
  async function rebalancing(): Promise<void> {
    let visitor: Service | null = null
    for (let rebalance = 0; rebalance < REBALANCES; rebalance++) {
      if (visitor === null) {
        visitor = await scene.start()
        await visitor.ready()
      } else {
        assert.equal(await visitor.terminate(), 0)
        visitor = null
        // Its partitions are with the other one again.
        await until('the group to be whole', async () => {
          const { partitions } = JSON.parse((await stable.get('/lag')).body)
          return partitions.length === 6
        })
      }
    }
  }
  const during = rebalancing()
  const { ids } = await scene.produce({ during, rate: RATE, poisonShare: 0.002 })
  await during
  await until('all records to be handled', () => account(scene.folder, ids).lost === 0).catch(
    () => {},
  )
  const result = account(scene.folder, ids)
  const pause = longestPause(readHandled(scene.folder))
  const { body } = await stable.get('/metrics')
  printFigures('graceful rebalances', {
    rebalances: metric(body, 'onchain_consumer_rebalances_total', 'kind="revoked"'),
    'records in': result.produced,
    'records out': result.handled + result.failed,
    lost: result.lost,
    duplicated: `${result.repeated} (${((100 * result.repeated) / result.produced).toFixed(3)} %)`,
    'longest pause': `${pause.ms} ms (partition ${pause.partition})`,
  })
  assert.deepEqual(result.lostIds, [])
  assert.ok(result.repeated <= result.produced * 0.005, `${result.repeated} records repeated`)
})
