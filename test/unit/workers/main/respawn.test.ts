import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { sliceOf } from '../../../../src/workers/main/chunk.ts'
import { createPool } from '../../../../src/workers/main/pool.ts'
import type { WorkerThreadEvents } from '../../../../src/workers/main/worker-thread.ts'
import { recordAt } from '../processing.ts'

const DEATH = new OccError('OCC_WORKER_DIED', 'it ended', { retriable: true })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A pool of one worker; `opens` says whether the handlers open in those that follow the first. */
async function poolOfOne(t: TestContext, opens: boolean, mayStart = () => true) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const threads: WorkerThreadEvents[] = []
  const pool = createPool({
    startThread(events) {
      if (!mayStart()) throw new Error('EAGAIN')
      threads.push(events)
      return {
        ready: opens || threads.length === 1 ? Promise.resolve() : new Promise(() => {}),
        post() {},
        utilization: () => 0,
        stop: async () => {},
        terminate: (error) => events.died(error),
      }
    },
    meter: createMeters().workers,
    log: silentLog,
    now: () => 0,
  })
  t.after(() => pool.close())
  await pool.start(1)
  return {
    threads,
    pool,
    async die() {
      threads.at(-1)?.died(DEATH)
      await turn()
    },
  }
}

test('a worker repeatedly killed by its records is replaced within a second: all others wait for it', async (t) => {
  const { threads, die } = await poolOfOne(t, true)
  for (let death = 1; death <= 20; death++) {
    await die()
    t.mock.timers.tick(1_000)
    await turn()
    assert.equal(threads.length, 1 + death)
  }
})

test('a worker whose handlers do not open is restarted with a growing backoff of up to 30 s', async (t) => {
  const { threads, die } = await poolOfOne(t, false)
  for (let death = 1; death <= 20; death++) {
    await die()
    t.mock.timers.tick(30_000)
    await turn()
    assert.equal(threads.length, 1 + death)
  }
  await die()
  t.mock.timers.tick(29_999)
  await turn()
  assert.equal(threads.length, 21)
})

test('if no thread can be started, the wanted number stays and the start is retried', async (t) => {
  let refusals = 0
  const { threads, pool, die } = await poolOfOne(t, true, () => refusals-- <= 0)
  refusals = 3
  await die()
  const chunk = {
    ...{ topic: 't', partition: 0, lane: 1, ordered: true, alone: false },
    ...{ handlers: [], hungAfter: 1_000, writer: null },
    ...sliceOf([recordAt(0)], 1),
  }
  void pool.hand(chunk)
  for (let attempt = 0; attempt < 4; attempt++) {
    assert.equal(threads.length, 1)
    t.mock.timers.tick(30_000)
    await turn()
  }
  assert.equal(threads.length, 2)
  assert.equal(pool.tick().workers, 1)
})
