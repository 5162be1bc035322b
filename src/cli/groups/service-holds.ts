import { partitionName } from '../../kernel/record.ts'
import { getJson } from '../service/request.ts'

interface LagAnswer {
  readonly partitions?: ReadonlyArray<{
    readonly topic: string
    readonly partition: number
    readonly group?: string
    readonly pausedBy?: string | null
  }>
  readonly groups?: ReadonlyArray<{ readonly group: string }>
}

/** Why nothing new is handed over, other than full queues. */
const HOLDS = ['operator', 'pauses', 'circuit', 'decode', 'schema', 'dead-letters']

/** Names of the partitions of this group that the services at these addresses hold. */
export async function heldPartitions(
  urls: readonly URL[],
  groupId: string,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const url of urls) {
    const answer = (await getJson(url, '/lag')).body as LagAnswer
    // Only partitions of a handler's own group are named with it.
    const group = isOfHandler(answer, groupId) ? groupId : undefined
    for (const { pausedBy, ...each } of answer.partitions ?? []) {
      if (each.group !== group || pausedBy == null) continue
      if (HOLDS.includes(pausedBy)) held.add(partitionName(each))
    }
  }
  return held
}

/** Whether it is the group of a handler with `group: own`; its id begins with that of the service. */
function isOfHandler({ partitions = [], groups = [] }: LagAnswer, groupId: string): boolean {
  return (
    partitions.some(({ group }) => group === groupId) ||
    groups.some(({ group }) => groupId.startsWith(`${group}.`))
  )
}
