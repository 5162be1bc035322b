/**
 * Calls back after a number of milliseconds on the monotonic clock; returns a function that cancels
 * it. If the process was stalled (a long garbage collection, a suspended machine), the timer is
 * late and an answer may have arrived unread: it gets one more turn of the event loop.
 */
export function startDeadline(milliseconds: number, over: () => void): () => void {
  let lastTurn: NodeJS.Immediate | undefined
  const timer = setTimeout(() => {
    lastTurn = setImmediate(over)
  }, milliseconds)
  return () => {
    clearTimeout(timer)
    clearImmediate(lastTurn)
  }
}
