import type { Admin } from 'kafkajs'
import { configOf } from './topic-admin.ts'

/**
 * How long the brokers keep records, in milliseconds, by topic. Without topics that keep records
 * forever or limit them only by size or key, and those this user may not see (it needs
 * DescribeConfigs on the topic).
 */
export async function readRetention(
  admin: Admin,
  topics: Iterable<string>,
): Promise<Record<string, number>> {
  const byTopic: Record<string, number> = {}
  for (const topic of topics) {
    const retention = await readTopicRetention(admin, topic)
    if (retention !== null) byTopic[topic] = retention
  }
  return byTopic
}

async function readTopicRetention(admin: Admin, topic: string): Promise<number | null> {
  const config = await configOf(admin, topic, ['retention.ms', 'cleanup.policy'])
  const retention = Number(config?.get('retention.ms') ?? -1)
  const deletes = config?.get('cleanup.policy')?.includes('delete') ?? false
  return deletes && retention >= 0 ? retention : null
}
