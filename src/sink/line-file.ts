import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** File modes for what is created. */
export interface Modes {
  readonly file: number
  readonly folder: number
}

/**
 * Appends whole lines to a file, creating it if needed, and syncs them to disk. Resolves with
 * whether the path still leads to them: the file may have been moved away meanwhile.
 */
export async function append(path: string, lines: string, modes: Modes): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: modes.folder })
  // Opened each time, because another process may move the file away.
  const file = await open(path, 'a+', modes.file)
  try {
    const { size, ino } = await file.stat()
    await file.appendFile((await endsInsideLine(file, size)) ? `\n${lines}` : lines)
    await file.datasync()
    if (size === 0) await syncFolder(dirname(path))
    return (await inodeOf(path)) === ino
  } finally {
    await file.close()
  }
}

/**
 * Like `append`, but writes the lines again to the new file if the old one was moved away or
 * deleted: whoever moves a file away may rely on nothing relevant being added later. Created files
 * are readable only by their owner.
 */
export async function appendSafely(path: string, lines: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await append(path, lines, { file: 0o600, folder: 0o700 })) return
  }
  throw new Error('the file is repeatedly moved away')
}

/** A crash or a full disk may have left an unfinished line: nothing must be appended to it. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== 0x0a
}

/** A new file is durable only with its entry in the folder. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).ino
  } catch {
    return null
  }
}
