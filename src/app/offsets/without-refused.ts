import { codeOf } from '../../kernel/errors.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'

type Write = (writes: readonly HeldWrite[], handler: string | null) => Promise<void>

/**
 * Writes what is kept of a record with what its other handlers emitted. If the database refuses a row
 * of these, it is kept for the handler of that row, too, and without its writes.
 *
 * @param handler those it is kept for, separated by commas; null: all.
 * @param isWhole `write` does all or nothing, so it may be tried with less. Otherwise the handlers of
 * all writes are named.
 */
export async function withoutRefused(
  writes: readonly HeldWrite[],
  handler: string | null,
  isWhole: boolean,
  write: Write,
): Promise<void> {
  if (await isWritten(writes, handler, write)) return
  const writers = [...new Set(writes.map((each) => each.handler))]
  // Nobody says whose row it is.
  for (const writer of isWhole && writers.length > 1 ? writers : []) {
    const others = writes.filter((each) => each.handler !== writer)
    if (await isWritten(others, withNames(handler, [writer]), write)) return
  }
  await write([], withNames(handler, writers))
}

/** False: the database refuses a row. */
async function isWritten(
  writes: readonly HeldWrite[],
  handler: string | null,
  write: Write,
): Promise<boolean> {
  try {
    await write(writes, handler)
    return true
  } catch (error) {
    if (codeOf(error) !== 'OCC_EMIT_ROW' || writes.length === 0) throw error
    return false
  }
}

function withNames(handler: string | null, names: readonly string[]): string | null {
  if (handler === null) return null
  return [...new Set([...handler.split(','), ...names])].join()
}
