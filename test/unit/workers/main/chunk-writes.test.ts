import assert from 'node:assert/strict'
import test from 'node:test'
import { codeOf } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { sliceOf } from '../../../../src/workers/main/chunk.ts'
import { createPool } from '../../../../src/workers/main/pool.ts'
import type { WorkerThreadEvents } from '../../../../src/workers/main/worker-thread.ts'
import { IN_FLIGHT } from '../../../../src/workers/slice-state.ts'
import { recordAt } from '../processing.ts'

test('a worker that waits for the database does not hang, however long that takes', async () => {
  const threads: WorkerThreadEvents[] = []
  const terminated: string[] = []
  let now = 0
  const pool = createPool({
    startThread(events) {
      threads.push(events)
      return {
        ready: Promise.resolve(),
        post(message) {
          if (message.kind === 'slice') new Uint8Array(message.states)[0] = IN_FLIGHT
        },
        utilization: () => 0,
        stop: async () => {},
        terminate(error) {
          terminated.push(codeOf(error))
          events.died(error)
        },
      }
    },
    meter: createMeters().workers,
    log: silentLog,
    now: () => now,
  })
  await pool.start(1)
  const [thread] = threads
  assert.ok(thread !== undefined)
  const committed = Promise.withResolvers<void>()
  const record = recordAt(7)
  const answer = pool.hand({
    ...sliceOf([record], 1),
    ...{ topic: record.topic, partition: record.partition, lane: 1, ordered: true, alone: false },
    ...{ handlers: ['h'], hungAfter: 1_000, writer: { write: () => committed.promise } },
  })
  const request = { kind: 'write', id: 1, lane: 1, records: [record], writes: [] } as const
  const writing = thread.write(request)
  for (let look = 0; look < 5; look++) {
    now += 10_000
    pool.tick()
  }
  assert.deepEqual(terminated, [])
  committed.resolve()
  await writing
  // It has heard that it is written, and hangs all the same.
  now += 10_000
  pool.tick()
  assert.deepEqual(terminated, ['OCC_WORKER_HUNG'])
  assert.deepEqual((await answer).answers, [{ kind: 'ok', handlers: ['h'] }])
  await assert.rejects(thread.write(request), { code: 'OCC_WORKER_ABORTED' })
  await pool.close()
})
