import {
  describeFlags,
  type Flags,
  type FlagTable,
  numberOf,
  parseFlags,
} from '../src/cli/arguments.ts'
import { messageOf } from '../src/kernel/errors.ts'

/** What `read` makes of the flags of this process; `--help` and mistakes end the process here. */
export function readFlags<Table extends FlagTable, Options>(
  command: string,
  flagTable: Table,
  read: (flags: Flags<Table>) => Options,
): Options {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    console.log(`${command} [flags]\n\n${describeFlags(flagTable)}`)
    process.exit(0)
  }
  try {
    return read(parseFlags(args, flagTable))
  } catch (error) {
    console.error(`bench: ${messageOf(error)}`)
    process.exit(2)
  }
}

export function count(name: string, text: string | undefined, standard: number): number {
  if (text === undefined) return standard
  return numberOf(`--${name}`, text, { min: 1, max: 1_000_000_000, integer: true })
}
