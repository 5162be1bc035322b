import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { environment } from './environment.ts'

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly stdin?: string
  readonly seconds?: number
  readonly env?: NodeJS.ProcessEnv
}

/** A command to its end, whatever that is; killed after `seconds`. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  { stdin = '', seconds = 180, env = process.env }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  // A command that does not read its input may be gone before it was written.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

/** Its standard output. @throws Error with the command and what it said, when it fails */
async function command(
  path: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(path, args, options)
  if (code === 0) return stdout
  const name = path.split('/').at(-1)
  throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${stderr || stdout}`)
}

export const kubectl = (args: readonly string[], options: CommandOptions = {}) =>
  command(environment.kubectl, args, options)

export const helm = (args: readonly string[], options: CommandOptions = {}) =>
  command(environment.helm, args, options)
