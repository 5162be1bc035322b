import type { Io } from './io.ts'

/**
 * A signal that aborts on Ctrl-C or SIGTERM, or the one that `io` brings. Only the first Ctrl-C is
 * caught: the second one kills, for when the clean end hangs. Call `release` at the end.
 */
export function interruptSignal(io: Io): { signal: AbortSignal; release(): void } {
  if (io.signal !== undefined) return { signal: io.signal, release() {} }
  const controller = new AbortController()
  const release = () => {
    process.off('SIGINT', abort)
    process.off('SIGTERM', abort)
  }
  const abort = () => {
    release()
    controller.abort()
  }
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  return { signal: controller.signal, release }
}
