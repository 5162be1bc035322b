import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../kernel/errors.ts'
import { closedFile } from './names.ts'

/**
 * Closes a writer's current file. Resolves with where its letters are now: never in the place of another
 * file, also if two are closed within a millisecond, or the clock was set back.
 */
export async function closeFile(folder: string, current: string, now: number): Promise<string> {
  let time = now
  while (await isThere(join(folder, closedFile(current, time)))) time += 1
  const closed = join(folder, closedFile(current, time))
  await rename(join(folder, current), closed)
  return closed
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
