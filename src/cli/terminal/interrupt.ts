import type { Io } from './io.ts'

/** SIGHUP: the terminal was closed. */
export const STOPPING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * A signal that aborts on Ctrl-C, SIGTERM or SIGHUP (the terminal was closed), or the signal of
 * `io`. Only the first Ctrl-C is caught: a second one kills the process if the clean end hangs.
 * Call `release` at the end.
 */
export function interruptSignal(io: Io): { signal: AbortSignal; release(): void } {
  if (io.signal !== undefined) return { signal: io.signal, release() {} }
  const controller = new AbortController()
  const release = () => {
    for (const signal of STOPPING) process.off(signal, abort)
  }
  const abort = () => {
    release()
    controller.abort()
  }
  for (const signal of STOPPING) process.on(signal, abort)
  return { signal: controller.signal, release }
}
