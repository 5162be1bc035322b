import { actionOf } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { drop } from './drop.ts'
import { openHandlers } from './handlers.ts'
import { list } from './list.ts'
import { redrive } from './redrive.ts'
import { show } from './show.ts'

type Action = (args: readonly string[], io: Io) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  list,
  show,
  redrive: (args, io) => redrive(args, io, openHandlers),
  drop,
}

/** Runs `dlq ACTION`. Resolves with the exit code; throws OCC_USAGE. */
export async function dlq([action, ...args]: readonly string[], io: Io): Promise<number> {
  return actionOf('dlq', action, ACTIONS)(args, io)
}
