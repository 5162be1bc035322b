import type { GroupMemberFacts } from '../../broker/group-state/group-looks.ts'
import type { PartitionReading } from '../../group/partition-lag.ts'
import type { LagReport, PartitionLag } from '../../http/lag.ts'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { Service } from '../service/reach.ts'
import { type Answer, getJson } from '../service/request.ts'
import type { LagReading } from './lag-reading.ts'
import { holds, ofGroup } from './service-holds.ts'

export interface PodLag extends LagReading {
  readonly held: ReadonlySet<string>
  /** Partitions of the group that none of these pods has; null: not known. */
  readonly elsewhere: number | null
}

export interface Asked {
  /** For people, if no group is named. */
  readonly release: string
  /** undefined: that of the service. */
  readonly groupId: string | undefined
  readonly topic: string | undefined
}

/**
 * The lag of a group as the pods that have its partitions know it, without the brokers. Rejects with
 * OCC_ADMIN_UNREACHABLE.
 */
export async function readPodLag(services: readonly Service[], asked: Asked): Promise<PodLag> {
  const { release, groupId, topic } = asked
  const partitions = new Map<string, PartitionReading>()
  const held = new Set<string>()
  const members: GroupMemberFacts[] = []
  let known: number | null = null
  const reports = await Promise.all(services.map(lagOf))
  for (const [index, { body }] of reports.entries()) {
    const report = body as LagReport
    const own = ofGroup(report, groupId).filter(
      (each) => topic === undefined || each.topic === topic,
    )
    for (const each of own) {
      const name = partitionName(each)
      partitions.set(name, readingOf(each))
      if (holds(each.pausedBy)) held.add(name)
    }
    const name = services[index]?.name ?? ''
    members.push({ memberId: name, clientId: name, host: '', partitions: own.map(partitionName) })
    if (groupId === undefined && topic === undefined) known ??= report.group?.partitions ?? null
  }
  const id = groupId ?? `release ${release}`
  return {
    group: { id, state: null, protocol: null, members },
    sample: { at: performance.now(), partitions },
    held,
    elsewhere: known === null ? null : Math.max(0, known - partitions.size),
  }
}

/** The address of a forwarded port says nothing to anybody: errors name the pod. */
async function lagOf({ name, url }: Service): Promise<Answer> {
  try {
    return await getJson(url, '/lag')
  } catch (error) {
    const text = messageOf(error).replace(url.origin, name)
    throw new OccError('OCC_ADMIN_UNREACHABLE', text, { cause: error })
  }
}

function readingOf(lag: PartitionLag): PartitionReading {
  const { topic, partition, end, committed } = lag
  const { oldestUnprocessedTime: oldest, oldestUnprocessedAgeSeconds: age } = lag
  const left = lag.secondsUntilLoss
  return {
    ...{ topic, partition, end, committed, low: null },
    oldest: oldest === null ? null : Date.parse(oldest),
    retention: left === null || age === null ? null : (left + age) * 1000,
  }
}
