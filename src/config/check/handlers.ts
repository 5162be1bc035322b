import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { Settings } from '../schema/index.ts'
import { checkGroupId, ownGroupId } from '../schema/names.ts'
import { isOfEvents } from './alerts.ts'
import { type Finding, problem, warning } from './relations.ts'

type Handlers = Settings['handlers']

/** Contradictions between `handlers` and other keys. */
export function checkHandlers(settings: Settings): readonly Finding[] {
  const { handlers } = settings
  if (handlers.length === 0) return []
  return [
    ...checkTopics(settings),
    ...checkTargets(settings),
    ...checkOrders(settings),
    ...checkLimits(settings),
    ...checkOwnGroups(settings),
  ]
}

/**
 * With a misspelled topic, records would have no handler and their offsets would still be
 * committed.
 */
function checkTopics({ handlers, alerts, kafka }: Settings): readonly Finding[] {
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
  const patterns = [...handlers, ...alerts.filter(isOfEvents)].flatMap(({ topics }) => topics)
  const left = kafka.topics.filter((topic) => !matchesAnyTopic(patterns, topic))
  if (idle.length > 0 || left.length === 0) return idle
  return [
    warning(
      ['kafka.topics', 'handlers'],
      left.join(', '),
      handlers.every(isOwn)
        ? 'has no handler: it is not consumed, because every handler has a group of its own'
        : 'has no handler: its records are decoded, counted and committed',
      'add the topic to handlers[].topics, unless this is intended',
    ),
  ]
}

/** The handlers of one group get the records of a partition in one order. */
function checkOrders({ handlers, processing }: Settings): readonly Finding[] {
  return handlers.flatMap((handler, index) => {
    const { order } = handler
    if (isOwn(handler) || order === undefined || order === processing.order) return []
    return [
      problem(
        [`handlers[${index}].order`, 'handlers', 'processing.order'],
        order,
        `is not processing.order = ${processing.order}, in which all handlers of a group get their records`,
        'add group: own, so that the handler has a group of its own, or set processing.order for all',
      ),
    ]
  })
}

/** Each worker thread has its own instance of a handler, which knows nothing of the others. */
function checkLimits({ handlers, processing }: Settings): readonly Finding[] {
  if (processing.workers === 0) return []
  return handlers.flatMap((handler, index) =>
    (['concurrency', 'maxRecordsPerSecond'] as const).flatMap((key) => {
      const value = handler[key]
      if (isOwn(handler) || value === undefined) return []
      return [
        problem(
          [`handlers[${index}].${key}`, 'handlers', 'processing.workers'],
          value,
          `cannot be kept by processing.workers = ${processing.workers}: each thread would allow as much`,
          'add group: own, so that the handler runs in the main thread, or set processing.workers to 0',
        ),
      ]
    }),
  )
}

function checkOwnGroups({ handlers, kafka, processing }: Settings): readonly Finding[] {
  const own = handlers.filter(isOwn)
  const names = handlers.flatMap((handler, index) => (isOwn(handler) ? [index] : []))
  return [
    ...names.flatMap((index) => checkOwnName(handlers, index, kafka.groupId)),
    ...(own.length === 0 || processing.workers === 0
      ? []
      : [
          warning(
            ['processing.workers', 'handlers'],
            String(processing.workers),
            `is for the handlers of ${kafka.groupId}: a handler with group: own runs in the main thread`,
            'share the group, or set processing.workers to 0, unless this is intended',
          ),
        ]),
  ]
}

/** The chart, the autoscaler and operators need the name of the group before the module is loaded. */
function checkOwnName(handlers: Handlers, index: number, groupId: string): Finding[] {
  const name = handlers[index]?.name
  const about = [`handlers[${index}].name`, 'handlers', 'kafka.groupId']
  if (name === undefined) {
    return [
      problem(
        about,
        undefined,
        `is missing: with group: own it is part of the group, ${ownGroupId(groupId, '<name>')}`,
        'name the handler here, for example as its module does',
      ),
    ]
  }
  if (handlers.some((other, at) => at < index && isOwn(other) && other.name === name)) {
    return [problem(about, name, 'is the name of two handlers with group: own', 'rename one')]
  }
  const group = ownGroupId(groupId, name)
  const complaint = checkGroupId(group)
  if (complaint === undefined) return []
  return [problem(about, name, `makes the group ${group}, which ${complaint[0]}`, 'shorten it')]
}

function isOwn({ group }: Handlers[number]): boolean {
  return group === 'own'
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
