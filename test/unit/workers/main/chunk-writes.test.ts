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

const request = { kind: 'write', id: 1, lane: 1, records: [recordAt(7)], writes: [] } as const

/** A worker that has a record, and the clock of the pool. */
async function setUp(ordered = true) {
  const threads: WorkerThreadEvents[] = []
  const terminated: string[] = []
  const clock = { now: 0 }
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
    now: () => clock.now,
  })
  await pool.start(1)
  const thread = threads[0] ?? assert.fail()
  const committed = Promise.withResolvers<void>()
  const { topic, partition } = recordAt(7)
  const hand = (offset: number, lane: number) =>
    pool.hand({
      ...sliceOf([recordAt(offset)], 1),
      ...{ topic, partition, lane, ordered, alone: false },
      ...{ handlers: ['h'], hungAfter: 1_000, writer: { write: () => committed.promise } },
    })
  /** Milliseconds, and then its timer. */
  const pass = (time: number) => {
    clock.now += time
    pool.tick()
  }
  return { pool, thread, terminated, clock, pass, committed, hand, answer: hand(7, 1) }
}

test('a worker that waits for the database does not hang, however long that takes', async () => {
  const { pool, thread, terminated, pass, committed, answer } = await setUp()
  const writing = thread.write(request)
  for (let look = 0; look < 5; look++) pass(10_000)
  assert.deepEqual(terminated, [])
  committed.resolve()
  await writing
  // It has heard that it is written, and hangs all the same.
  pass(10_000)
  assert.deepEqual(terminated, ['OCC_WORKER_HUNG'])
  assert.deepEqual((await answer).answers, [{ kind: 'ok', handlers: ['h'] }])
  await assert.rejects(thread.write(request), { code: 'OCC_WORKER_ABORTED' })
  await pool.close()
})

test('nor does a record that waits for one whose rows are being written, because both have the same event', async () => {
  const { pool, thread, terminated, pass, committed, hand } = await setUp(false)
  const waits = hand(8, 1)
  const writing = thread.write(request)
  pass(10_000)
  pass(10_000)
  assert.deepEqual(terminated, [])
  committed.resolve()
  await writing
  // Now it has its time.
  pass(900)
  assert.deepEqual(terminated, [])
  pass(200)
  assert.deepEqual(terminated, ['OCC_WORKER_HUNG'])
  await waits
  await pool.close()
})

test('a record of another partition hangs, whatever is being written meanwhile', async () => {
  const { pool, thread, terminated, pass, committed, hand } = await setUp(false)
  const hangs = hand(8, 2)
  const writing = thread.write(request)
  pool.tick()
  pass(1_100)
  assert.deepEqual(terminated, ['OCC_WORKER_HUNG'])
  committed.resolve()
  await Promise.all([writing, hangs])
  await pool.close()
})

for (const ordered of [true, false]) {
  test(`waiting for the database ${ordered ? 'makes' : 'does not make'} slices small ${ordered ? 'with' : 'without'} an order`, async () => {
    const { pool, thread, clock, committed, answer } = await setUp(ordered)
    const writing = thread.write(request)
    clock.now += 500
    committed.resolve()
    await writing
    thread.answered({
      ...{ kind: 'answer', id: 1, error: null, batches: null, isDone: false, times: null },
      ...{ outcomes: [], handlers: [], milliseconds: 510, meters: null },
    })
    assert.equal((await answer).milliseconds, ordered ? 510 : 10)
    await pool.close()
  })
}
