// Programs that scripts and tests of the repository need, wherever they come from.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodedError } from '../src/kernel/errors.ts'

export const root = join(import.meta.dirname, '..')
/** Tools that are built here, once; git does not see it. */
export const toolFolder = join(root, '.cache/bin')

export interface Output {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end; its exit code is an answer, a command that is not there an error. */
export function run(file: string, args: readonly string[], input?: string): Output {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
  })
  if (error !== undefined) throw error
  return { status, stdout, stderr }
}

/** Its output; throws with what it says when it fails. */
export function output(file: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = run(file, args, input)
  if (status === 0) return stdout
  throw new CodedError('OCC_TOOL_FAILED', `${file} ${args.join(' ')}: ${stderr}${stdout}`)
}

export interface Tool {
  readonly name: string
  /** Where else it may lie. */
  readonly places: readonly string[]
  /** The Go program that it is built from if it is nowhere: `module/cmd@version`. */
  readonly module: string
}

/** Path of a tool: built here before, in one of its places, on the PATH, else built from its Go module (minutes). */
export function locate({ name, places, module }: Tool): string {
  const built = join(toolFolder, name)
  const found = [built, ...places].find((place) => place !== '' && existsSync(place))
  if (found !== undefined) return found
  if (spawnSync(name, ['version']).status === 0) return name
  console.error(`${name} is not installed: building ${module} into .cache/bin ...`)
  const { status, stderr, error } = spawnSync('go', ['install', module], {
    encoding: 'utf8',
    cwd: tmpdir(),
    env: { ...process.env, GOBIN: toolFolder, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
  })
  if (status === 0) return built
  const reason = error === undefined ? stderr.trim() : error.message
  throw new CodedError(
    'OCC_TOOL_MISSING',
    `${name} is missing, and could not be built: install it, or Go to build it [${reason}]`,
  )
}
