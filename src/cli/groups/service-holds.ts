import { partitionName } from '../../kernel/record.ts'
import { getJson } from '../service/request.ts'

interface LagAnswer {
  readonly partitions?: ReadonlyArray<{
    readonly topic: string
    readonly partition: number
    readonly pausedBy?: string | null
  }>
}

/** Why nothing new is handed over, other than full queues. */
const HOLDS = ['operator', 'circuit', 'decode']

/** Names of the partitions that the services at these addresses hold. */
export async function heldPartitions(urls: readonly URL[]): Promise<ReadonlySet<string>> {
  const held = new Set<string>()
  for (const url of urls) {
    const { partitions = [] } = (await getJson(url, '/lag')).body as LagAnswer
    for (const { pausedBy, ...partition } of partitions) {
      if (pausedBy != null && HOLDS.includes(pausedBy)) held.add(partitionName(partition))
    }
  }
  return held
}
