import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { printFigures } from './accounting.ts'
import { metric } from './service.ts'
import { createScene } from './setup.ts'

const SECONDS = 30
const LIMIT_PERCENT = 1.5

test('idle with 12 partitions: under 1.5 % of one core', async (t) => {
  const scene = await createScene(t, { partitions: 12 })
  const service = await scene.start()
  await service.ready()
  // What starting up leaves to be compiled and collected is not idleness.
  await sleep(10_000)
  const cpu = async () => metric((await service.get('/metrics')).body, 'process_cpu_seconds_total')
  const before = await cpu()
  await sleep(SECONDS * 1000)
  const percent = (100 * ((await cpu()) - before)) / SECONDS
  printFigures('idle', {
    partitions: 12,
    'measured (s)': SECONDS,
    'CPU (% of one core)': percent.toFixed(2),
    'limit (%)': LIMIT_PERCENT,
  })
  assert.ok(percent < LIMIT_PERCENT, `${percent} %`)
  assert.equal(await service.terminate(), 0)
})
