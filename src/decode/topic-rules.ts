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
}

export const DEFAULT_RULE: TopicRule = { pattern: '*', format: 'json', events: 'auto' }

export interface TopicRules<Rule> {
  /** The first rule whose pattern matches; `otherwise` if none does. */
  find(topic: string): Rule
}

/** Topics come from the subscription, so there are few; bounded anyway. */
const MAX_REMEMBERED = 1_000

export function createTopicRules<Rule extends { readonly pattern: string }>(
  rules: readonly Rule[],
  otherwise: Rule,
): TopicRules<Rule> {
  const remembered = new Map<string, Rule>()
  return {
    find(topic) {
      const known = remembered.get(topic)
      if (known !== undefined) return known
      const rule = rules.find(({ pattern }) => matchesTopic(pattern, topic)) ?? otherwise
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(topic, rule)
      return rule
    },
  }
}
