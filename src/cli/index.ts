import { codeOf, messageOf } from '../kernel/errors.ts'
import { commands } from './commands.ts'
import { createHelp, unknownCommand } from './help.ts'
import { asTyped } from './program.ts'
import type { Command, Io } from './terminal/io.ts'

/**
 * Runs the command named by the arguments (default `run`) and resolves with the exit code: 2, with
 * one message, for invalid arguments. Rejects with any other error of the command.
 */
export async function main(
  argv: readonly string[],
  io: Io,
  commandsToOffer: readonly Command[] = commands,
): Promise<number> {
  const help = createHelp(commandsToOffer)
  const available = [...commandsToOffer, help]
  const { name, args } = split(argv)
  const command = available.find((candidate) => candidate.name === name)
  try {
    if (command === undefined) throw unknownCommand(name, available)
    if (args.includes('--help') || args.includes('-h')) return await help.run([name], io)
    return await command.run(args, io)
  } catch (error) {
    if (!isUsageError(error)) throw error
    const more = command === undefined || command === help ? 'help' : `help ${name}`
    const text = `onchain-consumer: ${messageOf(error)}\nSee: onchain-consumer ${more}\n`
    io.stderr.write(asTyped(text, io))
    return 2
  }
}

function split(argv: readonly string[]): { name: string; args: readonly string[] } {
  const [first, ...rest] = argv
  if (first === undefined) return { name: 'run', args: [] }
  if (first === '--help' || first === '-h') return { name: 'help', args: rest }
  if (first === '--version' || first === '-V') return { name: 'version', args: rest }
  // Flags without a command belong to the service: `onchain-consumer --config FILE`.
  return first.startsWith('-') ? { name: 'run', args: argv } : { name: first, args: rest }
}

/** Our own error, or one of node:util's parseArgs in a command that uses it directly. */
function isUsageError(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'OCC_USAGE' || code.startsWith('ERR_PARSE_ARGS_')
}
