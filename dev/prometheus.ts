import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { moduleFolder } from './go-module.ts'
import { go, toolFolder } from './tools.ts'

const MODULE = 'github.com/prometheus/prometheus@v0.314.0'

/**
 * Path of a program of Prometheus: what $PROMTOOL or $PROMETHEUS names, built here before, on the
 * PATH, or else built from its Go module into .cache/bin (3 minutes, once).
 */
export function prometheusProgram(name: 'promtool' | 'prometheus'): string {
  const built = join(toolFolder, name)
  const given = process.env[name.toUpperCase()]
  if (given !== undefined) return given
  if (existsSync(built)) return built
  if (spawnSync(name, ['--version']).status === 0) return name
  console.error(`building ${name} into .cache/bin`)
  const problem = `${name} is missing, and could not be built: set ${name.toUpperCase()} to its path, or install it, or Go to build it`
  // `go install` refuses it, because its go.mod replaces a module: it is built in its own folder.
  go(['build', '-tags', 'remove_all_sd', '-ldflags', '-s -w', '-o', built, `./cmd/${name}`], {
    cwd: moduleFolder(MODULE, problem),
    env: { GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
    problem,
  })
  return built
}
