import { codeOf } from '../../../kernel/errors.ts'
import type { DeadLetter, DeadLetterTarget } from '../../../kernel/shapes/dead-letter.ts'

/** Errors caused by the letter itself, which would recur. */
const OF_THE_LETTER: ReadonlySet<string> = new Set(['OCC_RECORD_TOO_LARGE', 'OCC_POSTGRES_VALUE'])

/**
 * Keeps letters in a second target if the first refuses them because of their content. Nothing goes
 * there while the first is unavailable, full or forbidden.
 *
 * @param told Called for each letter that the second target kept, with the error of the first.
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
      try {
        await first.close()
      } finally {
        await second.close()
      }
    },
  }
}
