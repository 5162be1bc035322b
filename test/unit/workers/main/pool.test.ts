import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { type Chunk, sliceOf } from '../../../../src/workers/main/chunk.ts'
import { createPool } from '../../../../src/workers/main/pool.ts'
import type { WorkerThreadEvents } from '../../../../src/workers/main/worker-thread.ts'

test('chunks that arrive while the last worker closes go to a new one', async () => {
  const started: WorkerThreadEvents[] = []
  const sent: string[] = []
  const pool = createPool({
    startThread(events) {
      const number = started.push(events)
      return {
        ready: Promise.resolve(),
        post: ({ kind }) => void sent.push(`${number} ${kind}`),
        utilization: () => 0,
        stop: async () => {},
        terminate() {},
      }
    },
    meter: createMeters().workers,
    log: silentLog,
    now: () => 0,
  })
  await pool.start(1)
  pool.resize(0)
  pool.tick()
  const where = { topic: 't', partition: 0, offset: 1, timestamp: 0 }
  const record = { ...where, key: null, value: null, headers: undefined }
  const chunk: Chunk = {
    topic: 't',
    partition: 0,
    lane: 1,
    ...sliceOf([record], 1),
    ordered: true,
    alone: false,
    handlers: [],
    hungAfter: 1_000,
    writer: null,
  }
  void pool.hand(chunk)
  started[0]?.died(new OccError('OCC_WORKER_DIED', 'it was told to stop'))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(started.length, 2)
  assert.deepEqual(sent, ['2 slice'])
})
