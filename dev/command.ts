import { start } from '../src/cli/start.ts'
import type { Io } from '../src/cli/terminal/io.ts'
import { codeOf, messageOf } from '../src/kernel/errors.ts'

export interface DevCommand {
  readonly name: string
  /** What people type to call it, up to its flags: `npm run produce --`. */
  readonly call: string
  /** What `--help` prints, without a final newline. */
  readonly usage: string
  /** Resolves with the exit code. Throws OCC_USAGE for invalid arguments. */
  run(args: readonly string[], io: Io): Promise<number>
}

/** Runs a tool of the repository like a command of the service, and ends the process. */
export function runDevCommand({ name, call, usage, run }: DevCommand): Promise<never> {
  return start(async (args, io) => {
    if (args.includes('--help') || args.includes('-h')) {
      io.stdout.write(`${usage}\n`)
      return 0
    }
    try {
      return await run(args, io)
    } catch (error) {
      if (codeOf(error) !== 'OCC_USAGE') throw error
      io.stderr.write(`${name}: ${messageOf(error)}\nSee: ${call} --help\n`)
      return 2
    }
  })
}
