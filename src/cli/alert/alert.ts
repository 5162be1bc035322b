import { actionOf, parseFlags, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { dryRun } from './dry-run.ts'
import { dryRunFlags, testFlags } from './flags.ts'
import { testAlert } from './test.ts'

type Action = (name: string, args: readonly string[], io: Io) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  test: (name, args, io) => testAlert(name, parseFlags(args, testFlags), io),
  'dry-run': (name, args, io) => dryRun(name, parseFlags(args, dryRunFlags), io),
}

/** Runs `alert ACTION NAME`. Resolves with the exit code; throws OCC_USAGE. */
export async function alert([action, name, ...args]: readonly string[], io: Io): Promise<number> {
  const run = actionOf('alert', action, ACTIONS)
  if (name === undefined || name.startsWith('-')) {
    throw usageError(`alert ${action} needs the name of a rule first: alert ${action} NAME [flags]`)
  }
  return run(name, args, io)
}
