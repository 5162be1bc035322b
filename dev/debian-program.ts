import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { messageOf, type OccError } from '../src/kernel/errors.ts'

const run = promisify(execFile)

/**
 * The first of these files; installs Debian's packages if there is none and it may.
 * @param missing the error, and why nothing could be installed
 */
export async function debianProgram(
  paths: readonly string[],
  packages: readonly string[],
  missing: (why: string) => OccError,
): Promise<string> {
  const found = () => paths.find((path) => existsSync(path))
  const there = found()
  if (there !== undefined) return there
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', [...wait, 'update', '-qq'], { env })
    await run('apt-get', [...wait, 'install', '-y', '-qq', ...packages], { env })
  } catch (error) {
    throw missing(messageOf(error))
  }
  const installed = found()
  if (installed === undefined) throw missing(`it is at none of ${paths.join(', ')}`)
  return installed
}
