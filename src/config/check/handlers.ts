import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem, warning } from './relations.ts'

/**
 * With a misspelled topic, records would have no handler and their offsets would still be
 * committed.
 */
export function checkHandlers({ handlers, kafka }: Settings): readonly Finding[] {
  if (handlers.length === 0) return []
  const idle = handlers.flatMap((handler, index) =>
    kafka.topics.some((topic) => matchesAnyTopic(handler.topics, topic))
      ? []
      : [
          problem(
            [`handlers[${index}].topics`, 'handlers', 'kafka.topics'],
            handler.topics.join(', '),
            `matches none of kafka.topics (${kafka.topics.join(', ')}): the handler would get no records`,
            'correct the pattern, or remove the handler',
          ),
        ],
  )
  const patterns = handlers.flatMap(({ topics }) => topics)
  const left = kafka.topics.filter((topic) => !matchesAnyTopic(patterns, topic))
  if (idle.length > 0 || left.length === 0) return idle
  return [
    warning(
      ['kafka.topics', 'handlers'],
      left.join(', '),
      'has no handler: its records are decoded, counted and committed',
      'add the topic to handlers[].topics, unless this is intended',
    ),
  ]
}
