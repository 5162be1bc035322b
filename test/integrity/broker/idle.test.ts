import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { printFigures } from '../support/accounting.ts'
import { wakeUps } from '../support/kernel-figures.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const SECONDS = sizeOf('SECONDS', 10)
const MAX_WAIT_SECONDS = 0.5
/** Printed and not asserted: how fast the machine is, and how busy, is in it. */
const GOAL_PERCENT = 1.5
/** A poll of every 10 ms, as kafkajs has them, would be a hundred more. */
const WAKE_UPS_A_SECOND = 80
/** Of the young generation, in all: each is some megabytes that were allocated. */
const COLLECTIONS = 3

test('idle with 12 partitions: few requests, few wake-ups, few allocations', async (t) => {
  const scene = await createScene(t, { partitions: 12 })
  const service = await scene.start({ KAFKA_FETCH_MAX_WAIT_MS: String(MAX_WAIT_SECONDS * 1000) })
  await service.ready()
  // What starting up leaves to be compiled and collected is not idleness.
  await sleep(5_000)
  const look = async () => {
    const { body } = await service.get('/metrics')
    return {
      at: performance.now() / 1000,
      fetches: metric(body, 'onchain_consumer_fetches_total'),
      wakeUps: wakeUps(service.process.pid),
      cpu: metric(body, 'process_cpu_seconds_total'),
      // Those of the old one V8 makes when it finds itself idle.
      collections: metric(body, 'nodejs_gc_duration_seconds_count', 'kind="minor"'),
    }
  }
  const before = await look()
  await sleep(SECONDS * 1000)
  const after = await look()
  const perSecond = (what: keyof typeof before) =>
    (after[what] - before[what]) / (after.at - before.at)
  const percent = 100 * perSecond('cpu')
  printFigures('idle', {
    partitions: 12,
    'measured (s)': (after.at - before.at).toFixed(1),
    'fetches a second': perSecond('fetches').toFixed(2),
    'wake-ups a second': perSecond('wakeUps').toFixed(1),
    'collections of the young generation': after.collections - before.collections,
    'CPU (% of one core)': `${percent.toFixed(2)}, the goal is ${GOAL_PERCENT}`,
  })
  // One loop for the only broker; none for a partition.
  assert.ok(perSecond('fetches') <= 1.25 / MAX_WAIT_SECONDS, `${perSecond('fetches')} fetches`)
  assert.ok(perSecond('wakeUps') <= WAKE_UPS_A_SECOND, `${perSecond('wakeUps')} wake-ups`)
  assert.ok(after.collections - before.collections <= COLLECTIONS)
  assert.equal(await service.terminate(), 0)
})
