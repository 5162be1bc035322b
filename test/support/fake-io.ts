import type { Io } from '../../src/cli/terminal/io.ts'

/** A terminal (or a pipe) that keeps what was written to it. */
export function fakeStream(isTTY = false, columns = 200) {
  const chunks: string[] = []
  return {
    isTTY,
    columns,
    write(text: string | Uint8Array) {
      chunks.push(typeof text === 'string' ? text : Buffer.from(text).toString())
    },
    written() {
      return chunks.join('')
    },
  }
}

export function fakeIo(options: { signal?: AbortSignal; env?: Io['env'] } = {}) {
  return {
    stdout: fakeStream(),
    stderr: fakeStream(),
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
  }
}
