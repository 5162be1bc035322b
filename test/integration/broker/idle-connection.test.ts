import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestQueuePrototype } from '../../../src/broker/connection/kafkajs-internals.ts'
import { fixRequestQueue } from '../../../src/broker/connection/request-queue-fix.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { useKafka } from '../harness.ts'

const { scheduleCheckPendingRequests, checkPendingRequests } = requestQueuePrototype
const it = useKafka()

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

  async function checksOfAnIdleSecond(): Promise<number> {
    const admin = it.client.admin()
    await admin.connect()
    await admin.listTopics()
    checks = 0
    await sleep(1_000)
    const counted = checks
    await admin.disconnect()
    return counted
  }

  requestQueuePrototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  const unfixed = await checksOfAnIdleSecond()
  fixRequestQueue()
  const fixed = await checksOfAnIdleSecond()
  t.diagnostic(`checks of pending requests in an idle second: ${unfixed} before, ${fixed} after`)
  assert.ok(unfixed > 50, `kafkajs alone: ${unfixed}`)
  assert.ok(fixed < 5, `fixed: ${fixed}`)
})
