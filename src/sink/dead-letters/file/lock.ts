import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf, OccError } from '../../../kernel/errors.ts'
import { sleep } from '../../../kernel/lifecycle.ts'
import { isLock, lockFile } from './names.ts'

/** Tries, with pauses of up to so many milliseconds, where several begin at the same moment. */
const ATTEMPTS = 6
const PAUSE = 100

/**
 * One redrive of a folder at a time. Resolves with what ends the lock. A lock whose process is gone
 * from this machine counts no longer; of another machine nobody can tell.
 *
 * Everybody writes a file of a name that nobody has again, then looks for those of others: of two,
 * the one who looks last sees the other, so never do both go on. And as no name comes twice, a file
 * that was found stale can be deleted without taking away somebody's who came in between.
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

/** A container that starts again has the host name it had, and gives its process the same number. */
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

/** When a process began, in clock ticks since this machine did; null where the system does not say. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the program's name, in which anything may stand; this is the 22nd.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function locked(path: string, owner: string): OccError {
  return new OccError(
    'OCC_DEAD_LETTERS_LOCKED',
    `Another redrive or drop is under way: ${path} says ${owner || 'nothing'}. Wait for its end, or delete that file when its process is gone.`,
    { retriable: true },
  )
}
