import type { EmbeddedKafka } from '../../../../dev/kafka/types.ts'
import { readEnds } from './group-offsets.ts'

/**
 * Whether each leader has its partitions by now. Where some refuse a request and others do not, kafkajs sends all of it
 * again: records would be there twice.
 */
export async function takesRecords(
  { cluster, nodes }: EmbeddedKafka,
  topic: string,
): Promise<boolean> {
  const leaders = await cluster.leaders(topic)
  const answers = nodes.map(async ({ id, brokers }) => {
    const led = [...leaders].filter(([, leader]) => leader === id).map(([partition]) => partition)
    return led.length === 0 || (await readEnds(brokers.plaintext, topic, led)).size === led.length
  })
  return (await Promise.all(answers)).every(Boolean)
}
