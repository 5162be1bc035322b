import { access, constants, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, messageOf, OccError, toOccError } from '../../../kernel/errors.ts'
import {
  type DeadLetter,
  type DeadLetterTarget,
  letterBytes,
} from '../../../kernel/shapes/dead-letter.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { createBatcher } from '../../batcher.ts'
import { appendSafely } from '../../line-file.ts'
import { absent } from './absent.ts'
import { closeFile } from './close-file.ts'
import { letterToLine } from './letter-line.ts'
import { currentFile, isData } from './names.ts'

export interface FileTargetOptions {
  readonly folder: string
  /** Size or age (milliseconds) beyond which a file is closed and a new one begun. */
  readonly maxFileBytes: number
  readonly maxFileAge: number
  /** Of all files in the folder together, whoever wrote them. */
  readonly maxBytes: number
  /** Result of `writerName`. */
  readonly writer: string
}

/**
 * Keeps dead letters in NDJSON files of a folder that several processes may share. They are written
 * and synced before `keep` resolves. Nothing is deleted: past `maxBytes` further letters are
 * refused, and no record is lost, because an offset without its letter is not finished.
 */
export function createFileTarget(options: FileTargetOptions, clock: Clock): DeadLetterTarget {
  const { folder, maxFileBytes, maxFileAge, maxBytes, writer } = options
  const path = join(folder, currentFile(writer))

  async function write(letters: readonly DeadLetter[]): Promise<void> {
    const lines = letters.map((letter) => `${letterToLine(letter)}\n`).join('')
    try {
      const bytes = Buffer.byteLength(lines)
      const held = await bytesOf(folder)
      if (held + bytes > maxBytes) throw full(folder, maxBytes, held, bytes)
      await closeWhenDue(bytes)
      await appendSafely(path, lines)
    } catch (error) {
      throw notWritten(error)
    }
  }

  async function closeWhenDue(bytes: number): Promise<void> {
    const current = await stat(path).catch(absent)
    if (current === null || current.size === 0) return
    const age = clock.now() - (current.birthtimeMs || current.mtimeMs)
    if (current.size + bytes <= maxFileBytes && age <= maxFileAge) return
    await closeFile(folder, currentFile(writer), clock.now())
  }

  function notWritten(error: unknown): OccError {
    const message = `Cannot keep a dead letter in ${folder} (deadLetters.file.folder): ${messageOf(error)}. Make it a folder that this user may write to, with room.`
    return toOccError(error, 'OCC_DEAD_LETTERS_WRITE', { message, retriable: true })
  }

  // Lines of a batch go out in one write, bounded so that a flood does not take twice its memory.
  const batcher = createBatcher({
    write,
    sizeOf: letterBytes,
    maxItems: 1_000,
    maxBytes: 16 * 1024 ** 2,
    isolates,
  })

  return {
    keep: (letter) => batcher.add(letter),
    async check() {
      const held = await checkWritable(folder)
        .then(() => bytesOf(folder))
        .catch((error) => {
          throw notWritten(error)
        })
      if (held >= maxBytes) throw full(folder, maxBytes, held, 0)
    },
    close: () => batcher.idle(),
  }
}

/** A few letters may fit where many do not. */
function isolates(error: unknown): boolean {
  return codeOf(error) === 'OCC_DEAD_LETTERS_FULL'
}

/** A missing folder is created with the first letter: until then its parent is checked. */
async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    absent(error)
    if (dirname(folder) === folder) throw error
    await checkWritable(dirname(folder))
  }
}

async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(absent)
  const files = (names ?? []).filter(isData)
  const sizes = await Promise.all(
    files.map(async (name) => (await stat(join(folder, name)).catch(absent))?.size ?? 0),
  )
  return sizes.reduce((total, size) => total + size, 0)
}

function full(folder: string, maxBytes: number, held: number, more: number): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_FULL',
    `${folder} holds ${held} of ${maxBytes} bytes (deadLetters.file.maxBytes) and ${more} more do not fit: ` +
      'redrive or drop letters (onchain-consumer dlq), move files away, or raise the limit.',
    { retriable: true },
  )
}
