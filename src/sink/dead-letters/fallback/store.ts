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
  /** Listed letters of the second store: when they failed, by id. */
  const inSecond = new Map<string, number>()

  /**
   * A letter that failed again may have fitted the first: changes are made in both stores. They
   * cover the copy that was listed, also if it failed later than the one in the other store.
   */
  async function each(
    letters: readonly StoredLetter[],
    work: (store: DeadLetterStore, letters: readonly StoredLetter[]) => Promise<void>,
  ): Promise<void> {
    const ofFirst = letters.filter(({ keptIn }) => keptIn === undefined)
    const ofSecond = letters.flatMap((letter) => {
      const failedAt = inSecond.get(letter.id)
      return failedAt === undefined
        ? []
        : [{ ...letter, failedAt: Math.max(failedAt, letter.failedAt) }]
    })
    if (ofFirst.length > 0) await work(first, ofFirst)
    if (ofSecond.length > 0) await work(second, ofSecond)
  }

  return {
    // Without a letter that was refused, there is no second place.
    places: async (filter) => [
      ...(await first.places(filter)),
      ...(await second.places(filter)).filter(({ exists }) => exists),
    ],
    async *list(filter, reading) {
      // The copies of a letter may have failed at different times, with different errors.
      const { since, until, errorTypes, ...same } = filter
      for await (const { id, failedAt } of second.list(same, { ...reading, outlines: true })) {
        inSecond.set(id, failedAt)
      }
      const inBoth = new Set<string>()
      for await (const letter of first.list(filter, reading)) {
        if (inSecond.has(letter.id)) inBoth.add(letter.id)
        yield letter
      }
      for await (const letter of second.list(filter, reading)) {
        inSecond.set(letter.id, letter.failedAt)
        if (!inBoth.has(letter.id)) yield { ...letter, keptIn: place }
      }
    },
    sending: (letters) => each(letters, (store, some) => store.sending(some)),
    returned: (letters) => each(letters, (store, some) => store.returned(some)),
    end: (letters, how) => each(letters, (store, some) => store.end(some, how)),
    async lock(filter) {
      await first.lock(filter)
      await second.lock(filter)
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
