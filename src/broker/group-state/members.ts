import { type Admin, AssignerProtocol } from 'kafkajs'

/** Members of the group in all pods. */
export interface GroupMembers {
  readonly count: number
  /** Of them, those without a partition. */
  readonly idle: number
}

/** null while the group rebalances, where nobody is sure, and where it may not be described. */
export async function membersOf(admin: Admin, groupId: string): Promise<GroupMembers | null> {
  try {
    const { groups } = await admin.describeGroups([groupId])
    const [group] = groups
    if (group?.state === 'Empty' || group?.state === 'Dead') return { count: 0, idle: 0 }
    if (group?.state !== 'Stable') return null
    const idle = group.members.filter(({ memberAssignment }) => !hasPartitions(memberAssignment))
    return { count: group.members.length, idle: idle.length }
  } catch {
    // Nothing depends on it, and what is wrong with the brokers shows in the offsets as well.
    return null
  }
}

function hasPartitions(assignment: Buffer): boolean {
  const decoded = AssignerProtocol.MemberAssignment.decode(assignment)
  return Object.values(decoded?.assignment ?? {}).some((partitions) => partitions.length > 0)
}
