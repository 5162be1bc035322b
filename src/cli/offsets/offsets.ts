import { actionOf } from '../arguments.ts'
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
  return actionOf('offsets', action, ACTIONS)(args, io)
}
