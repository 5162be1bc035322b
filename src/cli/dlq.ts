import { suggestion, usageError } from './arguments.ts'
import { drop } from './dlq-drop.ts'
import { openHandlers } from './dlq-handlers.ts'
import { list } from './dlq-list.ts'
import { redrive } from './dlq-redrive.ts'
import { show } from './dlq-show.ts'
import type { Io } from './io.ts'

type Action = (args: readonly string[], io: Io) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  list,
  show,
  redrive: (args, io) => redrive(args, io, openHandlers),
  drop,
}

/** Runs `dlq ACTION`. Resolves with the exit code; throws OCC_USAGE. */
export async function dlq([action, ...args]: readonly string[], io: Io): Promise<number> {
  const names = Object.keys(ACTIONS)
  if (action === undefined) throw usageError(`dlq needs an action: ${names.join(', ')}`)
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (run !== undefined) return run(args, io)
  const near = suggestion(action, names) || `; the actions are ${names.join(', ')}`
  throw usageError(`unknown action "${action}" of dlq${near}`)
}
