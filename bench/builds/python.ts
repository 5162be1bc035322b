import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keptBuild } from './kept-build.ts'

const execute = promisify(execFile)

/**
 * Makes a virtual environment with these packages, `name==version` each, for the benchmark only: in a folder
 * in `.cache`, once. Resolves with its `python`; rejects where there is no Python 3 or no network.
 */
export function installPython(packages: readonly string[]): Promise<string> {
  return keptBuild('python', packages, async (folder) => {
    console.log(`Making a Python environment with ${packages.join(', ')} (once) ...`)
    await execute('python3', ['-m', 'venv', folder])
    const python = join(folder, 'bin', 'python')
    await execute(python, ['-m', 'pip', 'install', '--quiet', ...packages])
    return python
  })
}
