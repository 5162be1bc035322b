import { suggestion, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { cancel, importFile, plan, set } from './change.ts'
import { exportOffsets, status } from './show.ts'

type Action = (args: readonly string[], io: Io) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  plan,
  set,
  cancel,
  status,
  export: exportOffsets,
  import: importFile,
}

/** Runs `offsets ACTION`. Resolves with the exit code; throws OCC_USAGE. */
export async function offsets([action, ...args]: readonly string[], io: Io): Promise<number> {
  const names = Object.keys(ACTIONS)
  if (action === undefined) throw usageError(`offsets needs an action: ${names.join(', ')}`)
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (run !== undefined) return run(args, io)
  const near = suggestion(action, names) || `; the actions are ${names.join(', ')}`
  throw usageError(`unknown action "${action}" of offsets${near}`)
}
