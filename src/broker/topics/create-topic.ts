import type { Admin, ITopicConfig } from 'kafkajs'
import { sleep } from '../../kernel/lifecycle.ts'
import { protocolType } from '../errors.ts'

const MAX_WAIT = 15_000
const PAUSE = 100
/** What a broker answers that has not heard of the new topic yet, or of its leaders. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/**
 * Creates a topic and waits, for a bounded time, until its partitions have leaders. kafkajs's own
 * waiting (`waitForLeaders`) fails if the broker that it asks has not heard of the topic yet.
 *
 * @returns false if the topic exists already
 * @throws what kafkajs throws
 */
export async function createTopic(admin: Admin, topic: ITopicConfig): Promise<boolean> {
  if (!(await admin.createTopics({ topics: [topic], waitForLeaders: false }))) return false
  for (const end = performance.now() + MAX_WAIT; ; await sleep(PAUSE)) {
    try {
      await admin.fetchTopicMetadata({ topics: [topic.topic] })
      return true
    } catch (error) {
      if (!NOT_YET.has(protocolType(error) ?? '') || performance.now() > end) throw error
    }
  }
}
