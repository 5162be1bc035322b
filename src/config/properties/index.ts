import { consumerRules } from './consumer.ts'
import { otherRules } from './other.ts'
import type { PropertyRule } from './rules.ts'
import { securityRules } from './security.ts'

/** The rule of each property of librdkafka and of the Java client. */
export const propertyRules: ReadonlyMap<string, PropertyRule> = new Map(
  [...consumerRules, ...securityRules, ...otherRules].map((rule) => [rule.name, rule]),
)

export function propertyRule(name: string): PropertyRule | undefined {
  return propertyRules.get(name.trim().toLowerCase())
}
