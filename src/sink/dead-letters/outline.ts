import type { StoredLetter } from './types.ts'

/** Characters of the message in an outline. */
export const OUTLINE_MESSAGE = 500

/**
 * The letter without its bytes and its stack, and with the beginning of its message: what letters are
 * counted by, in little memory.
 */
export function outlineOf(letter: StoredLetter): StoredLetter {
  const { errorMessage, record } = letter
  return {
    ...letter,
    // A slice would keep the whole text alive.
    errorMessage: Buffer.from(errorMessage.slice(0, OUTLINE_MESSAGE)).toString(),
    errorStack: null,
    record: { ...record, key: null, value: null, headers: undefined },
  }
}
