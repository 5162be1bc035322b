import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { countHandled, printFigures, readHandled, settled } from '../support/accounting.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 15_000)
const RATE = 2_000
const SESSION_SECONDS = 6
/** A member that forgot its heartbeats would be thrown out. */
const HANG_SECONDS = sizeOf('SECONDS', 1.5 * SESSION_SECONDS)
const HUNG = 2

test("one partition's handler hangs for longer than a session lasts: the others continue, membership is kept, memory is bounded", async (t) => {
  const scene = await createScene(t)
  const release = join(scene.folder, 'release')
  const service = await scene.start({
    HANG_PARTITION: String(HUNG),
    HANG_UNTIL: release,
    KAFKA_SESSION_TIMEOUT_MS: String(SESSION_SECONDS * 1000),
    KAFKA_HEARTBEAT_INTERVAL_MS: '1000',
  })
  await service.ready()
  const hanging = sleep(HANG_SECONDS * 1000)
  const { ids } = await scene.produce({ count: RECORDS, rate: RATE, messageBytes: 3600 })

  await until(async () => {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    return partitions.every((each: { partition: number; lag: number }) =>
      each.partition === HUNG ? true : each.lag === 0,
    )
  }, 'the other partitions to be done')
  const others = countHandled(scene.folder)
  const during = (await service.get('/metrics')).body
  assert.equal(readHandled(scene.folder).filter(({ partition }) => partition === HUNG).length, 0)
  await hanging
  const readyDuring = (await service.get('/readyz')).status
  writeFileSync(release, '')
  const result = await settled(scene.folder, ids)
  const after = (await service.get('/metrics')).body
  printFigures('hanging handler', {
    'records in': result.produced,
    'of the others, done during the hang': others,
    lost: result.lost,
    duplicated: result.repeated,
    'queue of the hung partition (bytes)': metric(during, 'onchain_consumer_partition_queue_bytes'),
    'resident during (MiB)': Math.round(metric(during, 'process_resident_memory_bytes') / 2 ** 20),
    rebalances: metric(after, 'onchain_consumer_rebalances_total'),
  })
  assert.deepEqual(result.lostIds, [])
  assert.equal(result.repeated, 0)
  assert.equal(readyDuring, 200)
  assert.equal(metric(after, 'onchain_consumer_rebalances_total'), 1, 'only the first assignment')
  assert.ok(metric(during, 'onchain_consumer_partition_queue_bytes') < 6 * 2 ** 20)
  assert.equal(await service.terminate(), 0)
})
