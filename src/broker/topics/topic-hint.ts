import { CodedError, type OccError } from '../../kernel/errors.ts'
import { hintOf } from '../../kernel/text/suggest.ts'
import { explain } from '../errors.ts'
import type { BrokerOptions } from '../types.ts'

/** A sentence behind `the topic does not exist`. @param names of all topics that the user may see */
export function topicHint(topic: string, names: readonly string[]): string {
  return hintOf('topics', topic, names)
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

/** Why a topic cannot be read. @param names as of `topicHint` */
export function unreadableTopic(
  refused: unknown,
  topic: string,
  { givenBy }: BrokerOptions,
  names: readonly string[],
): OccError {
  const problem = explain(refused, `Reading the topic "${topic}"`, undefined, { givenBy })
  return withTopicHint(problem, topic, names)
}
