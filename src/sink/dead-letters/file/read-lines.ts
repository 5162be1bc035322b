import { open } from 'node:fs/promises'

export interface LinePlace {
  readonly path: string
  /** Bytes from the start of the file, and of the line without its break. */
  readonly position: number
  readonly length: number
}

const CHUNK = 1024 ** 2
const BREAK = 0x0a

/** The complete lines of a file with their positions. Text after the last line break is ignored. */
export async function* readLines(path: string): AsyncGenerator<{ text: string } & LinePlace> {
  const file = await open(path, 'r')
  try {
    let rest: Buffer = Buffer.alloc(0)
    let position = 0
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at)
      if (bytesRead === 0) return
      at += bytesRead
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      let start = 0
      // What was searched before contains no break.
      let end = bytes.indexOf(BREAK, rest.length)
      for (; end !== -1; end = bytes.indexOf(BREAK, start)) {
        const text = bytes.toString('utf8', start, end)
        if (text !== '') yield { text, path, position: position + start, length: end - start }
        start = end + 1
      }
      position += start
      rest = bytes.subarray(start)
    }
  } finally {
    await file.close()
  }
}

export async function readLine({ path, position, length }: LinePlace): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}
