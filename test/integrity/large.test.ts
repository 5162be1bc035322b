import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { printFigures } from './accounting.ts'
import { metric, until } from './service.ts'
import { createScene } from './setup.ts'

const PARTITIONS = 12
const RECORDS = 600
const RECORD_BYTES = 1_000_000
/** So slow that every partition's queue and window fill up. */
const HANDLE_MS = 500
const LIMIT_MIB = 400

test('messages of 1 MB on 12 partitions before a slow handler: resident memory is bounded', async (t) => {
  const scene = await createScene(t, { partitions: PARTITIONS })
  // Kafka's own producer, in a payload that is valid text; JSON is not the point.
  const produced = await scene.kafka.tools.producerPerformance([
    '--topic',
    scene.topic,
    '--num-records',
    String(RECORDS),
    '--record-size',
    String(RECORD_BYTES),
    '--throughput',
    '-1',
    '--producer-props',
    'max.request.size=1100000',
    'batch.size=1',
  ])
  assert.equal(produced.code, 0, produced.stderr)
  const config = join(scene.folder, 'config.yaml')
  writeFileSync(config, "decode: { topics: [{ pattern: '*', format: text }] }\n")
  const service = await scene.start({
    OCC_CONFIG: config,
    HANDLE_MS: String(HANDLE_MS),
    OCC_PROCESSING_ORDER: 'none',
    OCC_PROCESSING_CONCURRENCY: '24',
  })
  const queued: number[] = []
  const resident: number[] = []
  let handled = 0
  let body = ''
  await until(
    'all records to be handled',
    async () => {
      body = (await service.get('/metrics')).body
      queued.push(metric(body, 'onchain_consumer_partition_queue_bytes'))
      resident.push(statusMiB(service.process.pid, 'VmRSS'))
      handled = metric(body, 'onchain_consumer_handled_records_total')
      return handled >= RECORDS
    },
    240,
  )
  const peak = statusMiB(service.process.pid, 'VmHWM')
  printFigures('large messages', {
    'records in': RECORDS,
    'bytes of a record': RECORD_BYTES,
    'records out': handled,
    'queued and not handled, most (MiB)': Math.round(Math.max(...queued) / 2 ** 20),
    'partitions paused (times)': metric(body, 'onchain_consumer_pauses_total'),
    'resident, median (MiB)': resident.sort((a, b) => a - b)[resident.length >> 1],
    'resident, peak (MiB)': peak,
    'limit (MiB)': LIMIT_MIB,
  })
  assert.equal(handled, RECORDS)
  assert.ok(metric(body, 'onchain_consumer_pauses_total') > 0, 'it was never too much')
  assert.ok(peak < LIMIT_MIB, `${peak} MiB`)
  assert.equal(await service.terminate(), 0)
})

/** Linux: the kernel's own figures, of which the peak misses nothing. */
function statusMiB(pid: number | undefined, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024)
}
