import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readHandled } from '../support/accounting.ts'
import { peakMiB, residentMiB } from '../support/kernel-figures.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { produceText, TEXT } from '../support/text-records.ts'

const LOADED = 200
/** 640 MB of random letters, which no codec makes much of: more than the limit. */
const RECORDS = sizeOf('RECORDS', 32_000)
const RECORD_BYTES = 20_000
const HANDLE_MS = 50
const LIMIT_MIB = 512
/** What a pod of that size gets by itself: a quarter. */
const MAX_BYTES = '128MiB'
/** Each partition is to have got some of its own by then. */
const HANDLED_EACH = 10

const IDLE = 1_000
const IDLE_SECONDS = sizeOf('SECONDS', 10)
const IDLE_GOAL_PERCENT = 3
/** Fetches a second of one broker, where each waits half a second for records. */
const MAX_FETCHES = 3

test('200 partitions, more than the memory, before a slow handler: the memory is bounded, and none is left out', async (t) => {
  const scene = await createScene(t, { partitions: LOADED, own: true })
  const started = performance.now()
  await produceText(scene, {
    records: RECORDS,
    bytes: RECORD_BYTES,
    properties: ['linger.ms=20', 'batch.size=200000', 'buffer.memory=100000000'],
  })
  const produced = performance.now() - started
  const service = await scene.run(TEXT, {
    OCC_FLOW_MAX_BYTES: MAX_BYTES,
    // What Node chooses for itself in a container of that size, or less.
    NODE_OPTIONS: '--max-old-space-size=256',
    HANDLE_MS: String(HANDLE_MS),
  })
  const resident: number[] = []
  const buffered: number[] = []
  let body = ''
  let least = 0
  await until(
    async () => {
      assert.equal(service.process.exitCode, null, 'it ended')
      resident.push(residentMiB(service.process.pid))
      body = (await service.get('/metrics')).body
      buffered.push(metric(body, 'onchain_consumer_buffered_bytes'))
      least = leastHandled(scene.folder)
      return least >= HANDLED_EACH
    },
    'every partition to have been handled from',
    180000,
  )
  const peak = peakMiB(service.process.pid)
  const counts = handledBy(scene.folder)
  const most = Math.max(...counts)
  printFigures('many partitions, loaded', {
    partitions: LOADED,
    'backlog (MB)': (RECORDS * RECORD_BYTES) / 1e6,
    'produced in (s)': (produced / 1000).toFixed(1),
    'handled of the slowest, the fastest partition': `${least}, ${most}`,
    'buffered, most (MiB)': Math.round(Math.max(...buffered) / 2 ** 20),
    fetches: metric(body, 'onchain_consumer_fetches_total'),
    'resident, median (MiB)': resident.sort((a, b) => a - b)[resident.length >> 1],
    'resident, peak (MiB)': `${peak} (limit ${LIMIT_MIB})`,
  })
  assert.ok(peak < LIMIT_MIB, `${peak} MiB`)
  assert.equal(metric(body, 'onchain_consumer_rebalances_total', 'kind="lost"'), 0)
  assert.equal(service.process.exitCode, null, 'it survives')
  await service.kill()
})

test('1,000 idle partitions: fetches are few, and cost little', async (t) => {
  const scene = await createScene(t, {
    partitions: IDLE,
    properties: { 'log.index.size.max.bytes': '4096' },
  })
  const service = await scene.start()
  await service.ready()
  const assigned = async () =>
    JSON.parse((await service.get('/lag')).body).totals.partitions === IDLE
  await until(assigned, 'all partitions to be assigned')
  // What starting up leaves to be compiled and collected is not idleness.
  await sleep(5_000)
  const figures = async () => {
    const { body } = await service.get('/metrics')
    return {
      at: performance.now() / 1000,
      cpu: metric(body, 'process_cpu_seconds_total'),
      fetches: metric(body, 'onchain_consumer_fetches_total'),
    }
  }
  const before = await figures()
  await sleep(IDLE_SECONDS * 1000)
  const after = await figures()
  // Longer than it slept where the machine is busy.
  const seconds = after.at - before.at
  const percent = (100 * (after.cpu - before.cpu)) / seconds
  const perSecond = (after.fetches - before.fetches) / seconds
  printFigures('many partitions, idle', {
    partitions: IDLE,
    'measured (s)': seconds.toFixed(1),
    'CPU (% of one core)': `${percent.toFixed(2)} (goal < ${IDLE_GOAL_PERCENT})`,
    'fetches a second': perSecond.toFixed(2),
    'resident, peak (MiB)': peakMiB(service.process.pid),
  })
  assert.ok(perSecond > 0 && perSecond < MAX_FETCHES, `${perSecond} fetches a second`)
  assert.equal(await service.terminate(), 0)
})

function handledBy(folder: string): number[] {
  const counts = Array.from({ length: LOADED }, () => 0)
  for (const { partition } of readHandled(folder)) counts[partition] = (counts[partition] ?? 0) + 1
  return counts
}

function leastHandled(folder: string): number {
  return readdirSync(folder).some((name) => name.startsWith('handled-'))
    ? Math.min(...handledBy(folder))
    : 0
}
