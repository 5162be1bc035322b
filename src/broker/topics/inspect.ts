import type { Admin } from 'kafkajs'
import type { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { formatAddress } from '../connection/address.ts'
import { createClient } from '../connection/client.ts'
import type { SocketErrors } from '../connection/security.ts'
import { explain, protocolType } from '../errors.ts'
import type { BrokerOptions } from '../types.ts'
import { mayBeMisspelled, withTopicHint } from './topic-hint.ts'

const TRIES = 20
const PAUSE = 250
/** kafkajs's error names while a coordinator moves or loads the group. */
const MOVING: ReadonlySet<string> = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])

/** What the given credentials can see of a cluster. */
export interface ClusterReport {
  readonly brokers: ReadonlyArray<{ readonly id: number; readonly address: string }>
  readonly topics: readonly TopicReport[]
  readonly group: { readonly id: string; readonly problem: OccError | null }
}

export interface TopicReport {
  readonly topic: string
  readonly partitions: number
  /** Number of records in the topic; null if its offsets cannot be read. */
  readonly records: number | null
  /** Number of records that the group has not committed; null if it has committed nothing yet. */
  readonly lag: number | null
  readonly problem: OccError | null
}

/**
 * Connects, reads and disconnects; changes nothing. Rejects with an explained error if no broker
 * can be reached or the login fails; missing or forbidden topics and groups are in the report.
 */
export async function inspectCluster(
  options: BrokerOptions,
  { topics, groupId }: { topics: readonly string[]; groupId: string },
  log: Log,
): Promise<ClusterReport> {
  const { kafka, socketErrors } = createClient(options, log)
  const admin = kafka.admin()
  try {
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    const group = await inspectGroup(admin, groupId, topics, socketErrors)
    const reports: TopicReport[] = []
    for (const topic of topics) {
      reports.push(await inspectTopic(admin, topic, group.committed.get(topic)))
    }
    return {
      brokers: brokers.map(({ nodeId, host, port }) => ({
        id: nodeId,
        address: formatAddress({ host, port }),
      })),
      topics: await withHints(admin, reports),
      group: { id: groupId, problem: group.problem },
    }
  } catch (error) {
    throw explain(error, `Connecting to ${options.brokers.join(', ')}`, socketErrors)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

async function withHints(
  admin: Admin,
  reports: readonly TopicReport[],
): Promise<readonly TopicReport[]> {
  if (!reports.some(({ problem }) => isMisspelled(problem))) return reports
  const names = await admin.listTopics().catch((): string[] => [])
  return reports.map((report) => {
    const { topic, problem } = report
    if (!isMisspelled(problem)) return report
    return { ...report, problem: withTopicHint(problem, topic, names) }
  })
}

function isMisspelled(problem: OccError | null): problem is OccError {
  return problem !== null && mayBeMisspelled(problem)
}

type Offsets = ReadonlyMap<number, number>

async function inspectGroup(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
  socketErrors: SocketErrors,
) {
  const committed = new Map<string, Offsets>()
  try {
    for (const { topic, partitions } of await fetchOffsets(admin, groupId, [...topics])) {
      committed.set(topic, new Map(partitions.map((p) => [p.partition, Number(p.offset)])))
    }
    return { committed, problem: null }
  } catch (error) {
    const problem = explain(error, `Reading the offsets of the group "${groupId}"`, socketErrors)
    // A missing or forbidden topic is reported with the topic.
    const ofGroup =
      problem.code !== 'OCC_TOPIC_UNKNOWN' && problem.code !== 'OCC_TOPIC_NOT_AUTHORIZED'
    return { committed, problem: ofGroup ? problem : null }
  }
}

/** In a new cluster, the first request about any group creates the coordinators. */
async function fetchOffsets(admin: Admin, groupId: string, topics: string[]) {
  for (let tries = 1; ; tries++) {
    try {
      return await admin.fetchOffsets({ groupId, topics })
    } catch (error) {
      if (tries === TRIES || !MOVING.has(protocolType(error) ?? '')) throw error
      await sleep(PAUSE)
    }
  }
}

async function inspectTopic(
  admin: Admin,
  topic: string,
  committed: Offsets | undefined,
): Promise<TopicReport> {
  try {
    const offsets = await admin.fetchTopicOffsets(topic)
    const behind = offsets.map(({ partition, high }) => {
      const offset = committed?.get(partition) ?? -1
      return offset < 0 ? null : Number(high) - offset
    })
    return {
      topic,
      partitions: offsets.length,
      records: sum(offsets.map(({ high, low }) => Number(high) - Number(low))),
      lag: behind.every((lag) => lag !== null) ? sum(behind) : null,
      problem: null,
    }
  } catch (error) {
    const problem = explain(error, `Reading the topic "${topic}"`)
    return { topic, partitions: 0, records: null, lag: null, problem }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
