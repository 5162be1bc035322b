import { actionOf, parseFlags, usageError } from '../arguments.ts'
import type { Io } from '../terminal/io.ts'
import { newFlags, testFlags } from './flags.ts'
import { newHandler } from './new.ts'
import { testHandler } from './test.ts'

type Action = (subject: string, args: readonly string[], io: Io) => Promise<number>

const ACTIONS: Readonly<Record<string, Action>> = {
  new: (name, args, io) => newHandler(name, parseFlags(args, newFlags), io),
  test: (file, args, io) => testHandler(file, parseFlags(args, testFlags), io),
}

/** Runs `handler ACTION`. Resolves with the exit code; throws OCC_USAGE. */
export async function handler(
  [action, subject, ...args]: readonly string[],
  io: Io,
): Promise<number> {
  const run = actionOf('handler', action, ACTIONS)
  if (subject === undefined || subject.startsWith('-')) {
    const what =
      action === 'new' ? 'a name first: handler new NAME' : 'a file first: handler test FILE'
    throw usageError(`handler ${action} needs ${what} [flags]`)
  }
  return run(subject, args, io)
}
