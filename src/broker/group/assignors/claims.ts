import { keptIn } from '../../../kernel/kept-in.ts'
import type { MemberSubscription, TopicPartitions } from './assignor.ts'

/** The newest claim on a partition. */
export interface Claim {
  /** Index of the claiming member. */
  member: number
  generation: number
  /**
   * Another member claims it in the same generation: neither owns it, as in Java and librdkafka.
   */
  contested: boolean
}

/** By topic and partition. */
export type Claims = ReadonlyMap<string, ReadonlyMap<number, Claim>>

/**
 * Who owns what, according to the members' claims. A claim from an older generation loses. Claims
 * on topics and partitions that do not exist are ignored. Claims on topics that the member no
 * longer subscribes to are valid, since it may still consume them.
 */
export function newestClaims(
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): Claims {
  const existing = new Map([...partitions].map(([topic, numbers]) => [topic, new Set(numbers)]))
  const claims = new Map<string, Map<number, Claim>>()
  for (const [member, { owned, generation }] of members.entries()) {
    for (const [topic, numbers] of owned) {
      const known = existing.get(topic)
      if (known === undefined) continue
      const ofTopic = keptIn(claims, topic, () => new Map<number, Claim>())
      for (const partition of numbers) {
        if (known.has(partition)) addClaim(ofTopic, partition, member, generation)
      }
    }
  }
  return claims
}

function addClaim(
  ofTopic: Map<number, Claim>,
  partition: number,
  member: number,
  generation: number,
): void {
  const rival = ofTopic.get(partition)
  if (rival === undefined || rival.generation < generation) {
    ofTopic.set(partition, { member, generation, contested: false })
  } else if (rival.generation === generation && rival.member !== member) {
    rival.contested = true
  }
}
