import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Sample, WorkerScaling } from '../../../../src/workers/main/scaling.ts'

const idle: Sample = { loop: 0.05, handling: 0, utilization: 0.05, waiting: 0, records: 10 }
const full: Sample = { loop: 0.98, handling: 0.8, utilization: 0, waiting: 0, records: 1000 }
const busy: Sample = { loop: 0.5, handling: 0, utilization: 0.95, waiting: 4, records: 1500 }

/** Repeats one sample: after how many seconds something changed, and what. */
function seconds(scaling: WorkerScaling, sample: Sample, most: number) {
  for (let second = 1; second <= most; second++) {
    const change = scaling.look(sample)
    if (change !== null) return { second, inWorkers: change.inWorkers, workers: change.workers }
  }
  return null
}

test('auto begins in the main thread and moves to workers once that is saturated for seconds', () => {
  const scaling = new WorkerScaling({ auto: true, min: 1, max: 3 })
  assert.deepEqual(scaling.scale, { inWorkers: false, workers: 0 })
  assert.equal(seconds(scaling, idle, 100), null)
  assert.equal(seconds(scaling, { ...full, handling: 0.1 }, 100), null)
  assert.equal(seconds(scaling, full, 2), null)
  assert.equal(seconds(scaling, idle, 1), null)
  assert.deepEqual(seconds(scaling, full, 10), { second: 3, inWorkers: true, workers: 1 })
})

test('a single core has no worker to move to', () => {
  assert.equal(seconds(new WorkerScaling({ auto: true, min: 0, max: 0 }), full, 100), null)
})

test('workers are added one by one while batches wait, and removed slowly when idle', () => {
  const scaling = new WorkerScaling({ auto: false, min: 1, max: 3 })
  assert.equal(seconds(scaling, busy, 10)?.workers, 2)
  assert.equal(seconds(scaling, busy, 10)?.workers, 3)
  assert.equal(seconds(scaling, busy, 100), null)
  assert.deepEqual(seconds(scaling, idle, 100), { second: 30, inWorkers: true, workers: 2 })
  assert.deepEqual(seconds(scaling, idle, 100), { second: 30, inWorkers: true, workers: 1 })
  assert.equal(seconds(scaling, idle, 100), null)
})

test('auto returns to the main thread if there is little to do', () => {
  const scaling = new WorkerScaling({ auto: true, min: 1, max: 1 })
  seconds(scaling, full, 10)
  assert.equal(seconds(scaling, busy, 100), null)
  assert.deepEqual(seconds(scaling, idle, 100), { second: 30, inWorkers: false, workers: 0 })
})

test('auto returns if workers are not faster, and retries after ever longer pauses', () => {
  const scaling = new WorkerScaling({ auto: true, min: 1, max: 1 })
  const slower = { ...busy, records: 900 }
  seconds(scaling, full, 10)
  assert.deepEqual(seconds(scaling, slower, 100), { second: 10, inWorkers: false, workers: 0 })
  assert.equal(seconds(scaling, full, 10_000)?.second, 300)
  seconds(scaling, slower, 100)
  assert.equal(seconds(scaling, full, 10_000)?.second, 600)
})
