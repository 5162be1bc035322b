import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A file that only this user may read, with the folders above it. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: 0o600 })
}
