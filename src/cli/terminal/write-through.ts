import { writeSync } from 'node:fs'
import { codeOf } from '../../kernel/errors.ts'

const sleeper = new Int32Array(new SharedArrayBuffer(4))
/** Milliseconds within which the reader must take something. */
const PATIENCE = 1_000
/** Milliseconds between two attempts. */
const PAUSE = 1

export interface WriteThroughEvents {
  /** A line was dropped. */
  dropped(): void
  /** Lines are written again. @param lines Number of dropped lines. @param code The reason. */
  recovered(lines: number, code: string): void
}

/**
 * Writes a whole line before it returns. `process.stdout.write` to a pipe does not: it queues
 * without bound while the reader is slow, and the queue is lost when the process ends. So a slow
 * reader slows the service down, as a slow disk would. A reader that takes nothing for a second has
 * stalled: lines are dropped until it reads again. The same applies when the reader is gone (EPIPE)
 * or the disk is full. Never throws.
 * @param fd Standard output. @param write `writeSync` of node:fs.
 */
export function createWriteThrough(
  fd: number,
  events: WriteThroughEvents,
  write: (fd: number, bytes: Uint8Array) => number = writeSync,
): (line: string | Uint8Array) => void {
  /** Remainder of a partly written line: it must precede all other lines. */
  let rest: Uint8Array = new Uint8Array()
  let dropped = 0
  let isStalled = false
  let code = ''

  /** false: the remainder is in `rest`. */
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
        // libuv opens pipes in non-blocking mode; a full pipe has room again in a moment.
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
      // A partly written line is finished later; the others are dropped.
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
