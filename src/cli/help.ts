import { suggestion, usageError } from './arguments.ts'
import { asTyped } from './program.ts'
import type { Command } from './terminal/io.ts'
import { paint, table } from './terminal/terminal.ts'

/** The help command for these commands. */
export function createHelp(commands: readonly Command[]): Command {
  const help: Command = {
    name: 'help',
    summary: 'print this text, or the usage of a command',
    usage: 'Usage: onchain-consumer help [COMMAND]',
    async run([name, ...rest], io) {
      const all = [...commands, help]
      if (name === undefined) {
        const bold = paint(io.stdout, io.env)
        const rows = all.map((command) => [`  ${bold('bold', command.name)}`, command.summary])
        const text = `Usage: onchain-consumer [COMMAND] [flags]

Consumes on-chain transaction streams from Kafka or Redpanda and gets every record handled.

${table(rows)}

Run onchain-consumer help COMMAND for the usage of one.\n`
        io.stdout.write(asTyped(text, io))
        return 0
      }
      const command = all.find((candidate) => candidate.name === name)
      if (command === undefined) throw unknownCommand(name, all)
      // `help dlq redrive`: the usage of a command tells of the words behind it.
      const odd = rest.find((word) => !command.usage.includes(`onchain-consumer ${name} ${word}`))
      if (odd !== undefined) throw usageError(`unexpected argument "${odd}"`)
      io.stdout.write(asTyped(`${command.summary}\n\n${command.usage}\n`, io))
      return 0
    },
  }
  return help
}

export function unknownCommand(name: string, commands: readonly Command[]) {
  const names = commands.map((command) => command.name)
  const near = suggestion(name, names) || `; the commands are ${names.join(', ')}`
  return usageError(`unknown command "${name}"${near}`)
}
