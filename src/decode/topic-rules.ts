import { matchesTopic } from '../kernel/topic-pattern.ts'

export interface TopicRule {
  /** A topic's name, or a glob in which `*` matches any characters, or none. */
  readonly pattern: string
  /** Name of a format: how the topic's values are read. */
  readonly format: string
  /**
   * Which events to look for: `auto` (all streams of the format, by shape), those of the named
   * stream, or `none`. Default: auto.
   */
  readonly events?: string
  /** Full name of the Protocol Buffers message. Default: the one that the topic is known to hold. */
  readonly message?: string | undefined
  /** File of the Avro schema. Default: the schema of the registry that each value names. */
  readonly schema?: string | undefined
}

export const DEFAULT_RULE: TopicRule = { pattern: '*', format: 'json', events: 'auto' }

export interface TopicRules<Opened> {
  /** What the first rule whose pattern matches was opened as; `otherwise` if none does. */
  find(topic: string): Opened
}

/** Topics come from the subscription, so there are few; bounded anyway. */
const MAX_REMEMBERED = 1_000

/** @param open called once per topic */
export function createTopicRules<Opened>(
  rules: readonly TopicRule[],
  otherwise: TopicRule,
  open: (rule: TopicRule, topic: string) => Opened,
): TopicRules<Opened> {
  const remembered = new Map<string, Opened>()
  return {
    find(topic) {
      const known = remembered.get(topic)
      if (known !== undefined) return known
      const rule = rules.find(({ pattern }) => matchesTopic(pattern, topic)) ?? otherwise
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      const opened = open(rule, topic)
      remembered.set(topic, opened)
      return opened
    },
  }
}
