import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Rights of what is made where it is missing. */
export interface Modes {
  readonly file: number
  readonly folder: number
}

/**
 * Appends whole lines to a file, which it makes when missing, and returns when they are on the disk:
 * whether the path still leads to them, as the file may have been moved away meanwhile.
 */
export async function append(path: string, lines: string, modes: Modes): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: modes.folder })
  // Opened anew each time: somebody else may take the file away.
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
 * The same, and writes them again to the new file where the old one was moved away or deleted:
 * whoever takes a file away may trust that nothing is added to it later that counts. What is made is
 * readable by its owner only.
 */
export async function appendSafely(path: string, lines: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await append(path, lines, { file: 0o600, folder: 0o700 })) return
  }
  throw new Error('the file is moved away again and again')
}

/** A crash, or a full disk, may have left a line without its end: nothing must be glued to it. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== 0x0a
}

/** A new file is safe only with its entry in the folder. */
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
