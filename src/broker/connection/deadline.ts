/**
 * Calls back after so many milliseconds of the monotonic clock; returns what calls it off. When
 * this process was held up (a long garbage collection, a suspended machine) the timer is late and
 * what it waits for may have arrived without having been read: it gets one turn for that.
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
