import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../../src/kernel/errors.ts'

const PREFIX = 'occ-kafka-'

/** A new folder in the system's temporary folder; its name contains the process id. */
export async function makeRunFolder(): Promise<string> {
  await removeLeftovers()
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
}

/** Removes the folders of runs whose process is gone, as after a power failure. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^occ-kafka-(\d+)-/.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {
      // Owned by another user, or being removed by another process: no reason to fail a start.
    })
  }
}

/**
 * Whether a process with that id runs, of any user. A zombie, whose parent has not read its
 * exit code, counts as gone: in containers nobody may ever read it.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false // no /proc: not Linux, so not in a container
  }
}
