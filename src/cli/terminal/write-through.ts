import { writeSync } from 'node:fs'
import { codeOf } from '../../kernel/errors.ts'

const sleeper = new Int32Array(new SharedArrayBuffer(4))
/** Milliseconds in which whoever reads is to take something. */
const PATIENCE = 1_000
/** Milliseconds between two tries. */
const PAUSE = 1

export interface WriteThroughEvents {
  /** A line could not be written, and will not be. */
  dropped(): void
  /** Lines go out again. @param lines how many were dropped before. @param code why. */
  recovered(lines: number, code: string): void
}

/**
 * Writes all of a line before it returns. `process.stdout.write` to a pipe does not: it queues without
 * bound while whoever reads the log is slow, and what is queued is gone when the process ends. So a
 * slow reader slows the service down, as a slow disk would. One that takes nothing for a second has
 * stalled: its lines are dropped at once until it takes some again. The same where nobody reads any
 * more (EPIPE), or the disk is full. Never throws.
 * @param fd of standard output. @param write of node:fs.
 */
export function createWriteThrough(
  fd: number,
  events: WriteThroughEvents,
  write: (fd: number, bytes: Uint8Array) => number = writeSync,
): (line: string | Uint8Array) => void {
  /** Of a line that has begun: it goes before all others, or they would be part of it. */
  let rest: Uint8Array = new Uint8Array()
  let dropped = 0
  let isStalled = false
  let code = ''

  /** False: what is left of it is in `rest`. */
  function push(bytes: Uint8Array): boolean {
    rest = bytes
    let waitedUntil: number | null = null
    while (rest.length > 0) {
      try {
        rest = rest.subarray(write(fd, rest))
        waitedUntil = null
        isStalled = false
      } catch (error) {
        code = codeOf(error)
        // libuv opens pipes in non-blocking mode; a full one takes more in a moment.
        if (code !== 'EAGAIN' || isStalled) return false
        const now = performance.now()
        waitedUntil ??= now + PATIENCE
        isStalled = now >= waitedUntil
        Atomics.wait(sleeper, 0, 0, PAUSE)
      }
    }
    return true
  }

  function drop(): void {
    dropped += 1
    events.dropped()
  }

  return (line) => {
    if (rest.length > 0 && !push(rest)) return drop()
    const bytes = typeof line === 'string' ? Buffer.from(line) : line
    if (!push(bytes)) {
      // What has begun is finished some time; of the others nothing is kept.
      if (rest.length < bytes.length) return
      rest = new Uint8Array()
      return drop()
    }
    if (dropped === 0) return
    const lines = dropped
    dropped = 0
    events.recovered(lines, code)
  }
}
