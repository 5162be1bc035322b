import { matchesTopic } from '../kernel/topic-pattern.ts'

/** How the values of a topic are read: JSON, text, or bytes handed on as they are. */
export type Format = 'json' | 'text' | 'raw'

/** Which events are looked for in a JSON document; `auto` goes by the topic's name, then by shape. */
export type EventSource = 'auto' | 'solana.transfers' | 'tron.broadcasted.transactions' | 'none'

export interface TopicRule {
  /** A topic's name, or a glob in which `*` stands for any characters, none included. */
  readonly pattern: string
  readonly format: Format
  /** Default: auto. Without meaning unless the format is json. */
  readonly events?: EventSource
}

export interface TopicRules {
  /** The first rule whose pattern matches; json with automatic events when none does. */
  find(topic: string): TopicRule
}

/** Topics come from the subscription, so there are few; a bound all the same. */
const MOST_REMEMBERED = 1_000
const DEFAULT_RULE: TopicRule = { pattern: '*', format: 'json', events: 'auto' }

export function createTopicRules(rules: readonly TopicRule[]): TopicRules {
  const remembered = new Map<string, TopicRule>()
  return {
    find(topic) {
      const known = remembered.get(topic)
      if (known !== undefined) return known
      const rule = rules.find(({ pattern }) => matchesTopic(pattern, topic)) ?? DEFAULT_RULE
      if (remembered.size >= MOST_REMEMBERED) remembered.clear()
      remembered.set(topic, rule)
      return rule
    },
  }
}
