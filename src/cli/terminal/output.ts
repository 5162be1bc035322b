import type { TerminalStream } from './io.ts'

/** Characters or bytes that are written at once. */
const CHUNK = 64 * 1024

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
  let parts: Array<string | Uint8Array> = []
  let size = 0

  return {
    add(part) {
      parts.push(part)
      size += part.length
      return size >= CHUNK
    },
    async flush() {
      if (size === 0 || signal.aborted) return
      const texts = parts.filter((part) => typeof part === 'string')
      const whole =
        texts.length === parts.length
          ? texts.join('')
          : Buffer.concat(parts.map((part) => Buffer.from(part)))
      parts = []
      size = 0
      if (stream.write(whole) !== false || !isDraining(stream)) return
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
