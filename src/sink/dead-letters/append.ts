import { mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { endsInsideLine, syncFolder } from '../line-file.ts'

/**
 * Appends whole lines to a file, which it makes when missing (readable by its owner only), and
 * returns when they are on the disk. Should the file be moved away or deleted meanwhile, they are
 * written again to the new one: whoever takes a file away may trust that nothing is added to it
 * later that counts.
 */
export async function appendSafely(path: string, lines: string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await append(path, lines)) return
  }
  throw new Error('the file is moved away again and again')
}

async function append(path: string, lines: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'a+', 0o600)
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

async function inodeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).ino
  } catch {
    return null
  }
}
