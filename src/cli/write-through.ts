import { writeSync } from 'node:fs'
import { codeOf } from '../kernel/errors.ts'

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes all of it before it returns. `process.stdout.write` to a pipe does not: it queues without
 * bound while whoever reads the log is slow, and what is queued is gone when the process ends.
 * So a slow reader slows the service down, as a slow disk would.
 */
export function writeThrough(fd: number, text: string): void {
  let rest: Uint8Array = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      // libuv opens pipes in non-blocking mode; a full one takes more in a moment.
      if (codeOf(error) !== 'EAGAIN') throw error
      Atomics.wait(sleeper, 0, 0, 1)
    }
  }
}
