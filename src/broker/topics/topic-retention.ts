import type { Admin } from 'kafkajs'
import { topicConfigType } from '../connection/kafkajs-internals.ts'

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
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: topicConfigType,
          name: topic,
          configNames: ['retention.ms', 'cleanup.policy'],
        },
      ],
    })
    const entries = resources[0]?.configEntries ?? []
    const settingOf = (name: string) =>
      entries.find((entry) => entry.configName === name)?.configValue
    const retention = Number(settingOf('retention.ms') ?? -1)
    const deletes = settingOf('cleanup.policy')?.includes('delete') ?? false
    return deletes && retention >= 0 ? retention : null
  } catch {
    // Usually not authorized. Nothing else depends on it.
    return null
  }
}
