import { type FileHandle, open } from 'node:fs/promises'

/** A crash, or a full disk, may have left a line without its end: nothing must be glued to it. */
export async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== 0x0a
}

/** A new file is safe only with its entry in the folder. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
