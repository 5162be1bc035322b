import type { Admin } from 'kafkajs'
import { decodeAssignment } from '../group/assignors/index.ts'

/** Number of members of the group, over all pods. */
export interface GroupMembers {
  readonly count: number
  /** Members without a partition. */
  readonly idle: number
}

/** null while the group rebalances, or if it may not be described. */
export async function membersOf(admin: Admin, groupId: string): Promise<GroupMembers | null> {
  try {
    const { groups } = await admin.describeGroups([groupId])
    const [group] = groups
    if (group?.state === 'Empty' || group?.state === 'Dead') return { count: 0, idle: 0 }
    if (group?.state !== 'Stable') return null
    const idle = group.members.filter(({ memberAssignment }) => !hasPartitions(memberAssignment))
    return { count: group.members.length, idle: idle.length }
  } catch {
    // Nothing depends on it, and broker problems also show when offsets are read.
    return null
  }
}

function hasPartitions(assignment: Buffer): boolean {
  return decodeAssignment(assignment)
    .values()
    .some((partitions) => partitions.length > 0)
}
