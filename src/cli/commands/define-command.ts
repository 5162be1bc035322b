import { describeFlags, type Flags, type FlagTable, parseFlags } from '../arguments.ts'
import type { Command, Io } from '../terminal/io.ts'

export interface CommandDefinition<Table extends FlagTable> {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** How to call the command and what it does; the flags are appended. */
  readonly usage: string
  /** One table for parsing and for the help text. */
  readonly flags: Table
  /**
   * Resolves with the exit code. Import large modules inside it: other commands do not need them.
   */
  run(flags: Flags<Table>, io: Io): Promise<number>
}

/** A command that takes only flags. */
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
