import { coordinates } from './letter-id.ts'
import type { LetterFilter, StoredLetter } from './types.ts'

/** Whether a letter matches the filter. */
export function fits(letter: StoredLetter, filter: LetterFilter): boolean {
  const { names, errorTypes, topics, handlers, exactHandler, since, until } = filter
  if (names !== undefined && !names.includes(letter.id) && !names.includes(coordinates(letter))) {
    return false
  }
  if (errorTypes !== undefined && !errorTypes.includes(letter.errorType)) return false
  if (topics !== undefined && !topics.includes(letter.record.topic)) return false
  if (handlers !== undefined && !handlersOf(letter).some((name) => handlers.includes(name))) {
    return false
  }
  if (exactHandler !== undefined && letter.handler !== exactHandler) return false
  if (since !== undefined && letter.failedAt < since) return false
  return until === undefined || letter.failedAt < until
}

/** The names of its handlers; a letter may be for several. */
export function handlersOf({ handler }: StoredLetter): readonly string[] {
  return handler === null ? [] : handler.split(',')
}
