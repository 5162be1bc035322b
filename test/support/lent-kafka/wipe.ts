import { type Admin, Kafka, logLevel } from 'kafkajs'
import { leaveGroup } from '../../../dev/kafka/cluster-requests.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'

const isInternal = (topic: string) => topic.startsWith('__')

/**
 * Takes away all topics and groups. False if some of them stay: then this Kafka is not to be lent again. Users, quotas,
 * ACLs and settings of the broker stay, so who changes those needs a Kafka of its own.
 */
export async function wipe({ bootstrap }: EmbeddedKafka): Promise<boolean> {
  const client = new Kafka({ brokers: [...bootstrap], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  try {
    await admin.connect()
    await deleteGroups(admin, bootstrap[0] ?? '')
    const topics = (await admin.listTopics()).filter((topic) => !isInternal(topic))
    if (topics.length > 0) await admin.deleteTopics({ topics })
    const [left, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()])
    return left.every(isInternal) && groups.length === 0
  } catch {
    return false
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

async function deleteGroups(admin: Admin, address: string): Promise<void> {
  const { groups } = await admin.listGroups()
  const ids = groups.map(({ groupId }) => groupId)
  if (ids.length === 0) return
  const described = await admin.describeGroups(ids)
  for (const { groupId, members } of described.groups) {
    // Those of processes that were killed would stay for the rest of their session.
    for (const { memberId } of members) await leaveGroup(address, groupId, memberId)
  }
  await admin.deleteGroups(ids)
}
