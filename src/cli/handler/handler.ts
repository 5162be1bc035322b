import { parseFlags, suggestion, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { newFlags, testFlags } from './flags.ts'
import { newHandler } from './new.ts'
import { testHandler } from './test.ts'

const ACTIONS = ['new', 'test']

/** Runs `handler ACTION`. Resolves with the exit code; throws OCC_USAGE. */
export async function handler(
  [action, subject, ...args]: readonly string[],
  io: Io,
): Promise<number> {
  if (action === undefined) throw usageError(`handler needs an action: ${ACTIONS.join(', ')}`)
  if (!ACTIONS.includes(action)) {
    const near = suggestion(action, ACTIONS) || `; the actions are ${ACTIONS.join(', ')}`
    throw usageError(`unknown action "${action}" of handler${near}`)
  }
  if (subject === undefined || subject.startsWith('-')) {
    const what =
      action === 'new' ? 'a name first: handler new NAME' : 'a file first: handler test FILE'
    throw usageError(`handler ${action} needs ${what} [flags]`)
  }
  return action === 'new'
    ? newHandler(subject, parseFlags(args, newFlags), io)
    : testHandler(subject, parseFlags(args, testFlags), io)
}
