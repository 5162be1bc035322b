import { type Assigner, AssignerProtocol, type PartitionAssigner } from 'kafkajs'
import type { KafkajsCluster } from './connection/kafkajs-internals.ts'
import { assignSticky, type Claim } from './sticky-assignment.ts'

/** What the assigner is told about the member that carries it along to the next join. */
export interface Ownership {
  generation: number
  /** Partitions owned before the join, by topic. */
  partitions: Record<string, number[]>
}

const NAME = 'OnchainConsumerSticky'
const VERSION = 1

/**
 * A sticky assigner for kafkajs, which has eager round-robin only: each member says in the join
 * request what it owned, and the leader moves as few partitions as an even split allows.
 * `onCluster` is handed kafkajs's cluster, by which the hooks find their consumer.
 */
export function createStickyAssigner(
  ownership: Ownership,
  onCluster: (cluster: KafkajsCluster) => void,
): PartitionAssigner {
  return ({ cluster }): Assigner => {
    const known = cluster as unknown as KafkajsCluster
    onCluster(known)
    return {
      name: NAME,
      version: VERSION,
      protocol: ({ topics }) => ({
        name: NAME,
        metadata: AssignerProtocol.MemberMetadata.encode({
          version: VERSION,
          topics,
          userData: Buffer.from(JSON.stringify(ownership)),
        }),
      }),
      async assign({ members, topics }) {
        const claims = members.map(({ memberId, memberMetadata }) =>
          toClaim(memberId, memberMetadata),
        )
        const partitions = topics.map((topic) => ({
          topic,
          partitions: known.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
        }))
        return [...assignSticky(claims, partitions)].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment,
            userData: Buffer.alloc(0),
          }),
        }))
      },
    }
  }
}

function toClaim(memberId: string, metadata: Buffer): Claim {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata)
  const claim: Claim = { memberId, topics: decoded?.topics ?? [], generation: -1, owned: {} }
  try {
    const ownership: Partial<Ownership> = JSON.parse(decoded?.userData.toString('utf8') || '{}')
    const { generation, partitions } = ownership
    if (typeof generation !== 'number' || typeof partitions !== 'object') return claim
    return { ...claim, generation, owned: partitions }
  } catch {
    // Another version's user data: it is only a hint, the member starts without claims.
    return claim
  }
}
