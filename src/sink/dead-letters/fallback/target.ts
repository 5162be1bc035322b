import type { DeadLetter, DeadLetterTarget } from '../../../kernel/dead-letter.ts'
import { codeOf } from '../../../kernel/errors.ts'

/** What a target says of one letter, and would say of it tomorrow as well. */
const OF_THE_LETTER: ReadonlySet<string> = new Set(['OCC_RECORD_TOO_LARGE', 'OCC_POSTGRES_VALUE'])

/**
 * Keeps in a second place what the first does not take because of what it is. While the first is away,
 * full or forbidden nothing goes there.
 *
 * @param told of each letter that is safe in the second place, with what the first said.
 */
export function createFallbackTarget(
  first: DeadLetterTarget,
  second: DeadLetterTarget,
  told: (letter: DeadLetter, reason: unknown) => void,
): DeadLetterTarget {
  return {
    async keep(letter) {
      try {
        await first.keep(letter)
      } catch (error) {
        if (!OF_THE_LETTER.has(codeOf(error))) throw error
        await second.keep(letter)
        told(letter, error)
      }
    },
    async check() {
      await first.check()
      await second.check()
    },
    async close() {
      await first.close()
      await second.close()
    },
  }
}
