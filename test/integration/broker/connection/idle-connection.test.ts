import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestQueuePrototype } from '../../../../src/broker/connection/kafkajs-internals.ts'
import { fixRequestQueue } from '../../../../src/broker/connection/request-queue-fix.ts'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import { until, useKafka } from '../../harness.ts'

const { scheduleCheckPendingRequests, checkPendingRequests } = requestQueuePrototype
const embedded = useKafka()
const UNFIXED = 400

test('an idle connection checks for pending requests all the time in kafkajs, and never here', async (t) => {
  let checks = 0
  requestQueuePrototype.checkPendingRequests = function () {
    checks += 1
    checkPendingRequests.call(this)
  }
  t.after(() => {
    requestQueuePrototype.checkPendingRequests = checkPendingRequests
    fixRequestQueue()
  })

  /** Calls back with an idle connection, and a way to count the checks since then. */
  async function whileIdle<T>(look: (counted: () => number) => Promise<T>): Promise<T> {
    const admin = embedded.client.admin()
    await admin.connect()
    await admin.listTopics()
    checks = 0
    const found = await look(() => checks)
    await admin.disconnect()
    return found
  }

  // As long as kafkajs takes for this many, however slow the machine is.
  requestQueuePrototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  const milliseconds = await whileIdle(async (counted) => {
    const began = performance.now()
    await until(() => counted() > UNFIXED, `${UNFIXED} checks of pending requests`)
    return performance.now() - began
  })
  fixRequestQueue()
  const fixed = await whileIdle(async (counted) => {
    await sleep(milliseconds)
    return counted()
  })
  const time = `${Math.round(milliseconds)} ms`
  t.diagnostic(`checks of pending requests in idle ${time}: ${UNFIXED} before, ${fixed} after`)
  assert.ok(fixed < 5, `fixed: ${fixed}`)
})
