import { describeFailure } from '../src/cli/run/failure.ts'
import type { Io } from '../src/cli/terminal/io.ts'
import { codeOf, messageOf } from '../src/kernel/errors.ts'

export interface DevCommand {
  /** Name of the npm script. */
  readonly name: string
  /** What `--help` prints, without a final newline. */
  readonly usage: string
  /** Resolves with the exit code. Throws OCC_USAGE for invalid arguments. */
  run(args: readonly string[], io: Io): Promise<number>
}

/** Runs an npm script like a command of the service, and ends the process. */
export async function runDevCommand({ name, usage, run }: DevCommand): Promise<never> {
  const { stdout, stderr, env } = process
  const args = process.argv.slice(2)
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(`${usage}\n`)
    process.exit(0)
  }
  try {
    process.exit(await run(args, { stdout, stderr, env }))
  } catch (error) {
    const isUsage = codeOf(error) === 'OCC_USAGE'
    const said = isUsage
      ? `${name}: ${messageOf(error)}\nSee: npm run ${name} -- --help`
      : describeFailure(error)
    stderr.write(`${said}\n`)
    process.exit(isUsage ? 2 : 1)
  }
}
