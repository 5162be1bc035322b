import { partitionName } from '../../kernel/shapes/record.ts'
import { HOLDS } from '../../observe/overview/partition-words.ts'
import { getJson } from '../service/request.ts'

interface OfPartition {
  readonly topic: string
  readonly partition: number
  readonly group?: string
  readonly pausedBy?: string | null
}

interface LagAnswer<Partition extends OfPartition> {
  readonly partitions?: readonly Partition[]
  readonly groups?: ReadonlyArray<{ readonly group: string }>
}

/** As on the page. */
export function holds(pausedBy: string | null | undefined): boolean {
  return pausedBy != null && HOLDS.includes(pausedBy)
}

/** Names of the partitions of this group that the services at these addresses hold. */
export async function heldPartitions(
  urls: readonly URL[],
  groupId: string,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const url of urls) {
    const answer = (await getJson(url, '/lag')).body as LagAnswer<OfPartition>
    for (const each of ofGroup(answer, groupId)) {
      if (holds(each.pausedBy)) held.add(partitionName(each))
    }
  }
  return held
}

/**
 * The partitions of a group in the answer of `/lag`: only those of a handler's own group are named with it.
 * @param groupId undefined: that of the service
 */
export function ofGroup<Partition extends OfPartition>(
  answer: LagAnswer<Partition>,
  groupId: string | undefined,
): readonly Partition[] {
  const { partitions = [] } = answer
  const named = groupId !== undefined && isOfHandler(answer, groupId) ? groupId : undefined
  return partitions.filter(({ group }) => group === named)
}

/** Whether it is the group of a handler with `group: own`; its id begins with that of the service. */
function isOfHandler(
  { partitions = [], groups = [] }: LagAnswer<OfPartition>,
  groupId: string,
): boolean {
  return (
    partitions.some(({ group }) => group === groupId) ||
    groups.some(({ group }) => groupId.startsWith(`${group}.`))
  )
}
