import type { DeadLetterStore, StoredLetter } from '../types.ts'

/**
 * The letters of both stores as one list: all of the first, then those only in the second.
 *
 * @param place Name of the second store, shown with its letters.
 */
export function createFallbackStore(
  first: DeadLetterStore,
  second: DeadLetterStore,
  place: string,
): DeadLetterStore {
  /** Ids of listed letters in the second store, and of those in both. */
  const inSecond = new Set<string>()
  const inBoth = new Set<string>()

  /** A letter that failed again may have fitted the first: changes are made in both stores. */
  async function each(
    letters: readonly StoredLetter[],
    work: (store: DeadLetterStore, letters: readonly StoredLetter[]) => Promise<void>,
  ): Promise<void> {
    const ofFirst = letters.filter(({ id }) => !inSecond.has(id) || inBoth.has(id))
    const ofSecond = letters.filter(({ id }) => inSecond.has(id))
    if (ofFirst.length > 0) await work(first, ofFirst)
    if (ofSecond.length > 0) await work(second, ofSecond)
  }

  return {
    async *list(filter) {
      for await (const { id } of second.list(filter)) inSecond.add(id)
      for await (const letter of first.list(filter)) {
        if (inSecond.has(letter.id)) inBoth.add(letter.id)
        yield letter
      }
      for await (const letter of second.list(filter)) {
        inSecond.add(letter.id)
        if (!inBoth.has(letter.id)) yield { ...letter, keptIn: place }
      }
    },
    sending: (letters) => each(letters, (store, some) => store.sending(some)),
    returned: (letters) => each(letters, (store, some) => store.returned(some)),
    end: (letters, how) => each(letters, (store, some) => store.end(some, how)),
    async lock() {
      await first.lock()
      await second.lock()
    },
    async close() {
      try {
        await first.close()
      } finally {
        await second.close()
      }
    },
  }
}
