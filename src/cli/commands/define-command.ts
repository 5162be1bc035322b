import { describeFlags, type Flags, type FlagTable, parseFlags } from '../arguments.ts'
import type { Command, Io } from '../terminal/io.ts'

export interface CommandDefinition<Table extends FlagTable> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** How it is called, and what it does; the flags are added to it. */
  readonly usage: string
  /** Parsed, and explained in the help, from this one table. */
  readonly flags: Table
  /** Resolves with the exit code. What is large is imported in here: other commands go without it. */
  run(flags: Flags<Table>, io: Io): Promise<number>
}

/** A command that takes flags only. */
export function defineCommand<const Table extends FlagTable>({
  name,
  summary,
  usage,
  flags,
  run,
}: CommandDefinition<Table>): Command {
  return {
    name,
    summary,
    usage: `${usage}\n\n${describeFlags(flags)}`.trimEnd(),
    run: (args, io) => run(parseFlags(args, flags), io),
  }
}

export const configFlag = {
  config: {
    value: 'FILE',
    about: 'YAML file; default: $OCC_CONFIG, else /etc/onchain-consumer/config.yaml',
  },
} as const satisfies FlagTable
