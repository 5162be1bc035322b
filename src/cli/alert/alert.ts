import { parseFlags, suggestion, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { dryRun } from './dry-run.ts'
import { dryRunFlags, testFlags } from './flags.ts'
import { testAlert } from './test.ts'

const ACTIONS = ['test', 'dry-run']

/** Runs `alert ACTION NAME`. Resolves with the exit code; throws OCC_USAGE. */
export async function alert([action, name, ...args]: readonly string[], io: Io): Promise<number> {
  if (action === undefined) throw usageError(`alert needs an action: ${ACTIONS.join(', ')}`)
  if (!ACTIONS.includes(action)) {
    const near = suggestion(action, ACTIONS) || `; the actions are ${ACTIONS.join(', ')}`
    throw usageError(`unknown action "${action}" of alert${near}`)
  }
  if (name === undefined || name.startsWith('-')) {
    throw usageError(`alert ${action} needs the name of a rule first: alert ${action} NAME [flags]`)
  }
  return action === 'test'
    ? testAlert(name, parseFlags(args, testFlags), io)
    : dryRun(name, parseFlags(args, dryRunFlags), io)
}
