import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { endsInsideLine, syncFolder } from '../line-file.ts'
import { createGroup } from './group.ts'
import type { EmitSink, EmittedItem } from './types.ts'

export interface FileSinkOptions {
  /** Absolute. Each process needs one of its own. */
  readonly path: string
  /** A file that would become larger is set aside as `path.1`, the one before as `path.2`, ... */
  readonly maxBytes: number
  /** How many are set aside; the oldest is deleted. */
  readonly keep: number
}

/**
 * Values in a file, one JSON document a line: `{id, key, handler, value}`. Acknowledged when
 * written and synced; those that come together share a sync.
 */
export function createFileSink({ path, maxBytes, keep }: FileSinkOptions): EmitSink {
  const group = createGroup<string>(append, Buffer.byteLength)

  async function append(lines: readonly string[]): Promise<void> {
    const text = lines.join('')
    try {
      const size = await sizeOf(path)
      if (size > 0 && size + Buffer.byteLength(text) > maxBytes) await rotate()
      await write(text)
    } catch (error) {
      throw new OccError('OCC_EMIT_FILE', `Cannot write to ${path}: ${messageOf(error)}.`, {
        cause: error,
        retriable: true,
      })
    }
  }

  async function write(text: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    // Opened anew each time: the file may be moved away by somebody else's rotation.
    const file = await open(path, 'a+', 0o640)
    try {
      const { size } = await file.stat()
      await file.appendFile((await endsInsideLine(file, size)) ? `\n${text}` : text)
      await file.datasync()
      if (size === 0) await syncFolder(dirname(path))
    } finally {
      await file.close()
    }
  }

  async function rotate(): Promise<void> {
    await rm(`${path}.${keep}`, { force: true })
    for (let number = keep - 1; number >= 1; number--) await move(`${path}.${number}`, number + 1)
    if (keep === 0) await rm(path, { force: true })
    else await move(path, 1)
  }

  async function move(from: string, number: number): Promise<void> {
    await rename(from, `${path}.${number}`).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
  }

  return {
    check: () => append([]),
    write: (item) => group.add(lineOf(item)),
    close: () => group.idle(),
  }
}

function lineOf({ id, key, handler, value, form }: EmittedItem): string {
  const head = JSON.stringify({ id, key, handler })
  const text = value.toString(form === 'bytes' ? 'base64' : 'utf8')
  return `${head.slice(0, -1)},"value":${form === 'json' ? text : JSON.stringify(text)}}\n`
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw error
  }
}
