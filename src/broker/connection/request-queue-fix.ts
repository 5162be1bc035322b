import { type KafkajsRequestQueue, requestQueuePrototype } from './kafkajs-internals.ts'

const CHECK_PENDING_REQUESTS_INTERVAL = 10

/**
 * kafkajs schedules a check of its pending requests even if there are none, with a delay of
 * `throttledUntil - now`, which is hugely negative. Node makes that 1 ms (newer versions warn), so
 * each connection runs a 1 ms timer forever: most of an idle consumer's CPU. Checks are needed only
 * while something is pending; a response or a new request triggers the rest. Source: tulios/kafkajs
 * issue 1751 and pull request 1768.
 */
function scheduleCheckPendingRequests(this: KafkajsRequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return
  const throttled = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttled > 0 ? throttled : CHECK_PENDING_REQUESTS_INTERVAL,
  )
}

/** Idempotent: call before the first connection. */
export function fixRequestQueue(): void {
  requestQueuePrototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
}
