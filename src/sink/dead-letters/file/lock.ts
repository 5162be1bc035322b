import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf, OccError } from '../../../kernel/errors.ts'
import { sleep } from '../../../kernel/lifecycle.ts'
import { isLock, lockFile } from './names.ts'

/** Attempts, with pauses of up to PAUSE milliseconds, if several redrives begin at once. */
const ATTEMPTS = 6
const PAUSE = 100

/**
 * Allows one redrive of a folder at a time. Resolves with a function that releases the lock. A lock
 * is stale once its process on this machine is gone; for another machine this cannot be known.
 *
 * Each redrive writes a file with a unique name, then looks for those of others: of two redrives,
 * the one that looks last sees the other, so both never continue. Because no name is reused, a
 * stale file can be deleted without removing the lock of another redrive.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const name = lockFile(randomUUID())
    const path = join(folder, name)
    const owner = { host: hostname(), pid: process.pid, started: await startOf(process.pid) }
    await writeFile(path, JSON.stringify(owner), { flag: 'wx', mode: 0o600 })
    const unlock = () => unlink(path).catch(() => {})
    const other = await lockOfAnother(folder, name)
    if (other === null) return unlock
    await unlock()
    if (attempt === ATTEMPTS) throw locked(other.path, other.owner)
    await sleep(PAUSE * Math.random())
  }
}

async function lockOfAnother(folder: string, own: string) {
  for (const name of await readdir(folder)) {
    if (name === own || !isLock(name)) continue
    const path = join(folder, name)
    const owner = await readFile(path, 'utf8').catch(() => null)
    if (owner === null) continue
    if (!(await isGone(owner))) return { path, owner }
    await unlink(path).catch(() => {})
  }
  return null
}

/** A restarted container keeps its host name and gives its process the same number. */
async function isGone(owner: string): Promise<boolean> {
  try {
    const { host, pid, started = null } = JSON.parse(owner)
    if (host !== hostname()) return false
    process.kill(pid, 0)
    return started !== null && started !== (await startOf(pid))
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

/** Start of a process in clock ticks since boot; null if the system does not say. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field, the program's name, may contain anything; the start time is field 22.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function locked(path: string, owner: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    `Another redrive or drop is under way: ${path} says ${owner || 'nothing'}. Wait for its end, or delete that file if its process is gone.`,
    { retriable: true },
  )
}
