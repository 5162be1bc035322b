import type { TerminalStream } from '../terminal/io.ts'
import { createWriteThrough, type WriteThroughEvents } from '../terminal/write-through.ts'

type Chunk = string | Uint8Array

/**
 * How a service writes to standard output or standard error; what handlers print (`console.log`) goes the
 * same way from now on. The stream itself would queue it without bound where nobody reads, and put it
 * into the middle of a line of the log.
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
