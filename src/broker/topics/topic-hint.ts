import { CodedError, type OccError } from '../../kernel/errors.ts'
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

/** A broker with ACLs says of a misspelled topic that it is not authorized. */
const MISSPELLED: ReadonlySet<string> = new Set(['OCC_TOPIC_UNKNOWN', 'OCC_TOPIC_NOT_AUTHORIZED'])

export function mayBeMisspelled({ code }: OccError): boolean {
  return MISSPELLED.has(code)
}

/** The error with a hint which topic was meant. @param names as of `topicHint` */
export function withTopicHint(error: OccError, topic: string, names: readonly string[]): OccError {
  const { code, message, retriable } = error
  const hint = topicHint(topic, names.filter(isUsersTopic))
  return hint === ''
    ? error
    : new CodedError(code, `${message}${hint}`, { cause: error, retriable })
}
