import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { peakMiB, residentMiB } from '../support/kernel-figures.ts'
import { createScene } from '../support/setup.ts'
import { produceText, TEXT } from '../support/text-records.ts'

const PARTITIONS = 12
const RECORDS = 600
const RECORD_BYTES = 1_000_000
/** So slow that every partition's queue and window fill up. */
const HANDLE_MS = 250
const GOAL_MIB = 400
/** Clearly beyond the goal, and clearly less than all records. */
const LIMIT_MIB = 500

test('messages of 1 MB on 12 partitions before a slow handler: resident memory is bounded', async (t) => {
  const scene = await createScene(t, { partitions: PARTITIONS })
  await produceText(scene, {
    records: RECORDS,
    bytes: RECORD_BYTES,
    properties: ['max.request.size=1100000', 'batch.size=1'],
  })
  const service = await scene.run(TEXT, {
    HANDLE_MS: String(HANDLE_MS),
    OCC_PROCESSING_ORDER: 'none',
    OCC_PROCESSING_CONCURRENCY: '24',
  })
  const queued: number[] = []
  const resident: number[] = []
  let handled = 0
  let body = ''
  await until(
    async () => {
      body = (await service.get('/metrics')).body
      queued.push(metric(body, 'onchain_consumer_partition_queue_bytes'))
      resident.push(residentMiB(service.process.pid))
      handled = metric(body, 'onchain_consumer_handled_records_total')
      return handled >= RECORDS
    },
    'all records to be handled',
    240000,
  )
  const peak = peakMiB(service.process.pid)
  printFigures('large messages', {
    'records in': RECORDS,
    'bytes of a record': RECORD_BYTES,
    'records out': handled,
    'queued and not handled, most (MiB)': Math.round(Math.max(...queued) / 2 ** 20),
    'partitions paused (times)': metric(body, 'onchain_consumer_pauses_total'),
    'resident, median (MiB)': resident.sort((a, b) => a - b)[resident.length >> 1],
    'resident, peak (MiB)': peak,
    'goal (MiB)': GOAL_MIB,
  })
  assert.equal(handled, RECORDS)
  assert.ok(metric(body, 'onchain_consumer_pauses_total') > 0, 'it was never too much')
  assert.ok(peak < LIMIT_MIB, `${peak} MiB`)
  assert.equal(await service.terminate(), 0)
})
