import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { printFigures } from './accounting.ts'
import { metric, until } from './service.ts'
import { createScene } from './setup.ts'

const RECORDS = 1_000_000
const LIMIT_MIB = 400

test('a backlog of 1,000,000 records: resident memory stays under 400 MB from start to end', async (t) => {
  const scene = await createScene(t)
  // Kafka's own producer makes the backlog, in a payload that is valid text; JSON is not the point.
  const produced = await scene.kafka.tools.producerPerformance([
    '--topic',
    scene.topic,
    '--num-records',
    String(RECORDS),
    '--record-size',
    '1000',
    '--throughput',
    '-1',
    '--producer-props',
    'batch.size=262144',
    'linger.ms=5',
  ])
  assert.equal(produced.code, 0, produced.stderr)
  const config = join(scene.folder, 'config.yaml')
  writeFileSync(config, "decode: { topics: [{ pattern: '*', format: text }] }\n")
  const service = await scene.start({ OCC_CONFIG: config })
  const samples: number[] = []
  const resident = () => residentMiB(service.process.pid)
  const sampler = setInterval(() => samples.push(resident()), 200)
  const started = Date.now()
  let handled = 0
  try {
    await until(
      'the backlog to be handled',
      async () => {
        const { body } = await service.get('/metrics')
        handled = metric(body, 'onchain_consumer_handled_records_total')
        return handled >= RECORDS
      },
      300,
    )
  } finally {
    clearInterval(sampler)
  }
  const seconds = (Date.now() - started) / 1000
  const peak = peakMiB(service.process.pid)
  printFigures('backlog', {
    'records in': RECORDS,
    'records out': handled,
    'records/s': Math.round(RECORDS / seconds),
    'resident, median (MiB)': samples.sort((a, b) => a - b)[samples.length >> 1],
    'resident, peak (MiB)': peak,
    'limit (MiB)': LIMIT_MIB,
  })
  assert.equal(handled, RECORDS)
  assert.ok(peak < LIMIT_MIB, `${peak} MiB`)
  assert.equal(await service.terminate(), 0)
})

function residentMiB(pid: number | undefined): number {
  return statusMiB(pid, 'VmRSS')
}

function peakMiB(pid: number | undefined): number {
  return statusMiB(pid, 'VmHWM')
}

/** Linux: the kernel's own figure, which misses no peak between two samples. */
function statusMiB(pid: number | undefined, field: string): number {
  const match = new RegExp(`${field}:\\s+(\\d+) kB`).exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )
  return Math.round(Number(match?.[1]) / 1024)
}
