import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { peakMiB, residentMiB } from '../support/kernel-figures.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { produceText, TEXT } from '../support/text-records.ts'

/** More than the memory that there may be, however many records that is. */
const BYTES = 600_000_000
const RECORDS = sizeOf('RECORDS', 120_000)
const GOAL_MIB = 400
/** Clearly beyond the goal, and clearly less than a backlog that is kept in memory. */
const LIMIT_MIB = 500

test('a backlog of 600 MB: resident memory is bounded from start to end', async (t) => {
  const scene = await createScene(t)
  await produceText(scene, {
    records: RECORDS,
    bytes: BYTES / RECORDS,
    properties: ['batch.size=262144', 'linger.ms=5'],
  })
  const service = await scene.run(TEXT)
  const samples: number[] = []
  const resident = () => residentMiB(service.process.pid)
  const sampler = setInterval(() => samples.push(resident()), 200)
  const started = Date.now()
  let handled = 0
  try {
    await until(
      async () => {
        const { body } = await service.get('/metrics')
        handled = metric(body, 'onchain_consumer_handled_records_total')
        return handled >= RECORDS
      },
      'the backlog to be handled',
      300000,
    )
  } finally {
    clearInterval(sampler)
  }
  const seconds = (Date.now() - started) / 1000
  const peak = peakMiB(service.process.pid)
  printFigures('backlog', {
    'records in': RECORDS,
    'bytes of a record': BYTES / RECORDS,
    'records out': handled,
    'records/s': Math.round(RECORDS / seconds),
    'resident, median (MiB)': samples.sort((a, b) => a - b)[samples.length >> 1],
    'resident, peak (MiB)': peak,
    'goal (MiB)': GOAL_MIB,
  })
  assert.equal(handled, RECORDS)
  assert.ok(peak < LIMIT_MIB, `${peak} MiB`)
  assert.equal(await service.terminate(), 0)
})
