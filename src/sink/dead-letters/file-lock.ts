import { mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf, OccError } from '../../kernel/errors.ts'

/**
 * One redrive of a folder at a time. Resolves with what ends the lock. A lock whose process is gone
 * from this machine is taken over; of another machine nobody can tell.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'redrive.lock')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (;;) {
    try {
      const content = JSON.stringify({ host: hostname(), pid: process.pid })
      await writeFile(path, content, { flag: 'wx', mode: 0o600 })
      return () => unlink(path).catch(() => {})
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      const owner = await readFile(path, 'utf8').catch(() => '')
      if (!isGone(owner)) throw locked(path, owner)
      await unlink(path).catch(() => {})
    }
  }
}

function isGone(owner: string): boolean {
  try {
    const { host, pid } = JSON.parse(owner)
    if (host !== hostname()) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

function locked(path: string, owner: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    `Another redrive or drop is under way: ${path} says ${owner || 'nothing'}. Wait for its end, or delete that file when its process is gone.`,
    { retriable: true },
  )
}
