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
  const env = { GOBIN: toolFolder, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' }
  go(['install', module], {
    ...{ env, cwd: tmpdir() },
    problem: `${name} is missing, and could not be built: install it, or Go to build it`,
  })
  return built
}

export interface GoCall {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What is missing without its result, and the remedy. */
  readonly problem: string
}

/** What Go says; throws with the problem and why, also if there is no Go. */
export function go(args: readonly string[], { cwd, env, problem }: GoCall): string {
  const { status, stdout, stderr, error } = spawnSync('go', args, {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...env },
  })
  if (status === 0) return stdout
  const reason = error === undefined ? `${stderr}${stdout}`.trim() : error.message
  throw new CodedError('OCC_TOOL_MISSING', `${problem} [${reason}]`)
}
