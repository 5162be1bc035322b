import { rename, rm, stat } from 'node:fs/promises'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { createBatcher } from '../batcher.ts'
import { append } from '../line-file.ts'
import { EMITTED, type EmitSink, type EmittedItem } from './types.ts'

const MODES = { file: 0o640, folder: 0o777 }

export interface FileSinkOptions {
  /** Absolute. Each process needs its own. */
  readonly path: string
  /**
   * A file that would exceed this is renamed to `path.1`, the previous one to `path.2`, and so on.
   */
  readonly maxBytes: number
  /** Number of renamed files to keep; the oldest is deleted. */
  readonly keep: number
}

/**
 * Writes values to a file, one JSON document per line: `{id, key, handler, value}`. Acknowledged
 * once written and synced; values that arrive together share a sync.
 */
export function createFileSink({ path, maxBytes, keep }: FileSinkOptions): EmitSink {
  const batcher = createBatcher<string>({ write, sizeOf: Buffer.byteLength, ...EMITTED })

  async function write(lines: readonly string[]): Promise<void> {
    const text = lines.join('')
    try {
      const size = await sizeOf(path)
      if (size > 0 && size + Buffer.byteLength(text) > maxBytes) await rotate()
      await append(path, text, MODES)
    } catch (error) {
      throw new OccError('OCC_EMIT_FILE', `Cannot write to ${path}: ${messageOf(error)}.`, {
        cause: error,
        retriable: true,
      })
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
    check: () => write([]),
    write: (item) => batcher.add(lineOf(item)),
    close: () => batcher.idle(),
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
