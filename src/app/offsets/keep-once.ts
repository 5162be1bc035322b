import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'

/**
 * Keeps a letter whose other half is written elsewhere: each further attempt of the other half, which
 * may be refused or a database that is away for long, is no further letter for the same handlers.
 *
 * @param owner What the letter belongs to; it is remembered for as long as that lives.
 */
export function createKeepOnce<Owner extends object>(target: Pick<DeadLetterTarget, 'keep'>) {
  /** By owner: the handlers of the letters that are kept; null: all. */
  const kept = new WeakMap<Owner, Set<string | null>>()

  return async (owner: Owner, letter: DeadLetter): Promise<void> => {
    const handlers = kept.get(owner) ?? new Set()
    if (handlers.has(letter.handler)) return
    await target.keep(letter)
    kept.set(owner, handlers.add(letter.handler))
  }
}
