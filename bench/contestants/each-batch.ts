import { Kafka, logLevel } from 'kafkajs'
import { createMeasure, readTask } from './measure.ts'

const MEGABYTE = 1024 * 1024

/**
 * The loop that everybody writes first: kafkajs's eachBatch, with its heartbeats and commits.
 * FETCH=default or best (8 MB a partition).
 */
export async function runEachBatch(handle: (value: Buffer) => void): Promise<void> {
  const task = readTask()
  const handled = createMeasure(task)
  const best = process.env['FETCH'] === 'best'
  const kafka = new Kafka({ brokers: [task.brokers], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({
    groupId: task.groupId,
    ...(best ? { maxBytesPerPartition: 8 * MEGABYTE, maxBytes: 96 * MEGABYTE } : {}),
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [task.topic], fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 1000,
    eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
      for (const message of batch.messages) {
        if (message.value === null) continue
        handle(message.value)
        handled(Number(message.timestamp))
        resolveOffset(message.offset)
      }
      await commitOffsetsIfNecessary()
      await heartbeat()
    },
  })
}
