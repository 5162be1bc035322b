import type { TerminalStream } from '../terminal/io.ts'
import { createWriteThrough, type WriteThroughEvents } from '../terminal/write-through.ts'

type Chunk = string | Uint8Array

/**
 * Opens standard output or standard error for a service; from now on `console.log` of handlers
 * takes the same path. The stream itself would queue without bound while nobody reads, and could
 * write into the middle of a log line.
 */
export function openServiceOutput(
  stream: TerminalStream,
  events: WriteThroughEvents,
): (text: string) => unknown {
  if (stream.fd === undefined) return (text) => stream.write(text)
  const write = createWriteThrough(stream.fd, events)
  stream.write = (chunk: Chunk, ...rest: readonly unknown[]) => {
    write(chunk)
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }
  return write
}
