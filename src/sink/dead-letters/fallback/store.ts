import type { DeadLetterStore, StoredLetter } from '../types.ts'

/**
 * The letters of both places as one list: those of the first, then what is in the second only.
 *
 * @param place what the second is called where its letters are shown.
 */
export function createFallbackStore(
  first: DeadLetterStore,
  second: DeadLetterStore,
  place: string,
): DeadLetterStore {
  /** Ids of listed letters that are in the second place, and of those that are in both. */
  const inSecond = new Set<string>()
  const inBoth = new Set<string>()

  /** A letter that failed again may have fitted then: what is done is done in both places. */
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
