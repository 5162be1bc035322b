import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { absent } from './absent.ts'
import { closedFile } from './names.ts'

/**
 * Closes a writer's current file. Resolves with where its letters are now: never in the place of another
 * file, also if two are closed within a millisecond, or the clock was set back.
 */
export async function closeFile(folder: string, current: string, now: number): Promise<string> {
  let time = now
  let closed = join(folder, closedFile(current, time))
  while ((await stat(closed).catch(absent)) !== null) {
    time += 1
    closed = join(folder, closedFile(current, time))
  }
  await rename(join(folder, current), closed)
  return closed
}
