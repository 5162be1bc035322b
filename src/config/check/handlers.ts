import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem, warning } from './relations.ts'

/**
 * With a misspelled topic, records would have no handler and their offsets would still be
 * committed.
 */
export function checkHandlers(settings: Settings): readonly Finding[] {
  const { handlers, kafka } = settings
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
  const problems = [...idle, ...checkTargets(settings)]
  if (problems.length > 0 || left.length === 0) return problems
  return [
    warning(
      ['kafka.topics', 'handlers'],
      left.join(', '),
      'has no handler: its records are decoded, counted and committed',
      'add the topic to handlers[].topics, unless this is intended',
    ),
  ]
}

/** A handler is a module, or it has no code and names a sink. */
function checkTargets({ handlers, sinks }: Settings): readonly Finding[] {
  return handlers.flatMap(({ path, sink }, index) => {
    const about = (name: string) => [`handlers[${index}].${name}`, 'handlers', 'sinks']
    if (path === undefined && sink === undefined) {
      return [problem(about('path'), undefined, 'is missing', 'name the module, or a sink in sink')]
    }
    if (path !== undefined && sink !== undefined) {
      const remedy = 'remove one of them: code emits to a sink by itself'
      return [problem(about('sink'), sink, 'stands beside path', remedy)]
    }
    if (sink === undefined || Object.hasOwn(sinks, sink)) return []
    const known = Object.keys(sinks)
    const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`
    return [problem(about('sink'), sink, `is not one of sinks: ${there}`, 'add it under sinks')]
  })
}
