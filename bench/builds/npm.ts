import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { keptBuild } from './kept-build.ts'

const execute = promisify(execFile)
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
const CAREFUL = ['--ignore-scripts', '--no-save', '--no-package-lock']

/**
 * Installs packages, `name@version` each, for the benchmark only: into a folder in `.cache`, once.
 * Resolves with the folder's package.json, which createRequire() can start from; rejects where npm
 * cannot.
 */
export function installPackages(packages: readonly string[]): Promise<string> {
  return keptBuild('npm', packages, async (folder) => {
    console.log(`Installing ${packages.join(', ')} (once) ...`)
    const manifest = join(folder, 'package.json')
    await writeFile(manifest, '{"private":true}\n')
    const where = ['--prefix', folder]
    await execute('npm', ['install', ...where, ...QUIET, ...CAREFUL, ...packages], { cwd: folder })
    return manifest
  })
}
