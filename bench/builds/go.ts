import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CodedError } from '../../src/kernel/errors.ts'
import { contentsOf, keptBuild } from './kept-build.ts'

const execute = promisify(execFile)

/**
 * Builds the Go program in a folder, once, until one of its files changes. Needs `go`.
 * Resolves with the path of the program; rejects with what is missing.
 */
export async function buildGo(folder: string): Promise<string> {
  const sources = (await readdir(folder)).sort().map((file) => join(folder, file))
  return await keptBuild('go', await contentsOf(sources), async (target) => {
    try {
      await execute('go', ['version'])
    } catch (cause) {
      throw new CodedError('OCC_BENCH', 'Go is not installed', { cause })
    }
    console.log(`Fetching and building what ${folder} needs (once) ...`)
    const program = join(target, 'consumer')
    await execute('go', ['build', '-o', program, '.'], { cwd: folder })
    return program
  })
}
