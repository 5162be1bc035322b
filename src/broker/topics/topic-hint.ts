import { nearest } from '../../kernel/text/suggest.ts'

/** More names than this are no help. */
const MAX_NAMES = 10

/**
 * A sentence behind `the topic does not exist`: which one was meant, or which there are, if they are
 * few. Empty if neither helps.
 *
 * @param names of all topics that the user may see.
 */
export function topicHint(topic: string, names: readonly string[]): string {
  const meant = nearest(topic, names)
  if (meant !== undefined) return ` Did you mean "${meant}"?`
  if (names.length === 0 || names.length > MAX_NAMES) return ''
  return ` The topics that this user may see: ${names.join(', ')}.`
}

/** Topics of the brokers themselves, such as `__consumer_offsets`, are never meant. */
export function isUsersTopic(name: string): boolean {
  return !name.startsWith('__')
}
