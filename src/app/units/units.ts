import { ownGroupId } from '../../config/schema/names.ts'
import type { Config } from '../../config/types.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import { handlersOf } from '../alerts/alert-rules.ts'

/** The part of the configuration that one consumer group of the process has. */
export interface UnitConfig {
  /** The only handler of a group of its own; null: the group `kafka.groupId`. */
  readonly own: string | null
  /** As if the service had only this group. */
  readonly config: Config
}

/**
 * The consumer groups of one process: that of the service, and one for each handler with `group:
 * own`. A topic that only such handlers get is not consumed by the group of the service. If no
 * handler is left for it, there is no such group.
 *
 * @param embedded true: the program passes a handler of its own, which shares the group of the
 * service.
 */
export function unitsOf(given: Config, embedded = false): readonly UnitConfig[] {
  const config = given.alerts.length === 0 ? given : { ...given, handlers: handlersOf(given) }
  const shared = config.handlers.filter(({ group }) => group !== 'own')
  const owning = config.handlers.filter(({ group }) => group === 'own')
  if (owning.length === 0) return [{ own: null, config }]
  const hasShared = shared.length > 0 || embedded
  const count = owning.length + Number(hasShared)
  // An equal part for each: a group that stands still must not keep memory from another.
  const flow = { ...config.flow, maxBytes: Math.floor(config.flow.maxBytes / count) }
  const own = owning.map((handler) => ownUnit({ ...config, flow }, handler))
  if (!hasShared) return own
  const patterns = shared.flatMap(({ topics }) => topics)
  const ownPatterns = owning.flatMap(({ topics }) => topics)
  const topics = config.kafka.topics.filter(
    (topic) => embedded || matchesAnyTopic(patterns, topic) || !matchesAnyTopic(ownPatterns, topic),
  )
  const kafka = { ...config.kafka, topics }
  return [{ own: null, config: { ...config, flow, kafka, handlers: shared } }, ...own]
}

function ownUnit(config: Config, handler: Config['handlers'][number]): UnitConfig {
  const { kafka, processing, retry } = config
  // Validation guarantees the name.
  const own = handler.name ?? ''
  const { order, concurrency, attempts, ...rest } = handler
  return {
    own,
    config: {
      ...config,
      // Its limits are those of the whole unit, except for the rate: that is of calls, and a record that
      // its filter leaves out makes none.
      handlers: [rest],
      kafka: {
        ...kafka,
        groupId: ownGroupId(kafka.groupId, own),
        topics: kafka.topics.filter((topic) => matchesAnyTopic(handler.topics, topic)),
      },
      processing: {
        ...processing,
        order: order ?? processing.order,
        concurrency: concurrency ?? processing.concurrency,
        // A pool of threads for each group would multiply their memory.
        workers: 0,
      },
      retry: { ...retry, attempts: attempts ?? retry.attempts },
    },
  }
}
