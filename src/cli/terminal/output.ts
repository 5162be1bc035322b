import type { TerminalStream } from './io.ts'

/** Bytes that are written at once. */
const CHUNK = 128 * 1024
/** Bytes of a character, at most. */
const WIDEST = 3

/** Much output, as fast as its reader takes it. */
export interface Output {
  /** Call `flush` when it returns true: enough is waiting. */
  add(part: string | Uint8Array): boolean
  /** Resolves when the stream takes more, or when the signal aborts. */
  flush(): Promise<void>
}

/** A stream that says when it has room again. */
interface Draining extends TerminalStream {
  once(event: 'drain', listener: () => void): unknown
  off(event: 'drain', listener: () => void): unknown
}

/** Bounded: nothing is queued while the reader is slow. @param signal aborts when it is gone */
export function createOutput(stream: TerminalStream, signal: AbortSignal): Output {
  let chunk: Buffer = Buffer.allocUnsafeSlow(2 * CHUNK)
  let size = 0
  /** One that the stream has written. */
  let spare: Buffer | null = null

  function reserve(bytes: number): void {
    if (size + bytes <= chunk.length) return
    const larger = Buffer.allocUnsafeSlow(size + bytes)
    chunk.copy(larger, 0, 0, size)
    chunk = larger
  }

  return {
    add(part) {
      // Text is written where it is sent from: joining it first costs more than decoding it.
      if (typeof part === 'string') {
        reserve(part.length * WIDEST)
        size += chunk.write(part, size)
      } else {
        reserve(part.length)
        chunk.set(part, size)
        size += part.length
      }
      return size >= CHUNK
    },
    async flush() {
      if (size === 0 || signal.aborted) return
      const [written, bytes] = [chunk, size]
      // The stream may keep it for a while.
      chunk = spare ?? Buffer.allocUnsafeSlow(2 * CHUNK)
      spare = null
      size = 0
      const hasRoom = stream.write(written.subarray(0, bytes), () => {
        spare = written
      })
      if (hasRoom !== false || !isDraining(stream)) return
      await drained(stream, signal)
    },
  }
}

function isDraining(stream: TerminalStream): stream is Draining {
  return 'once' in stream && typeof stream.once === 'function'
}

function drained(stream: Draining, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    stream.once('drain', done)
    signal.addEventListener('abort', done, { once: true })
  })
}
