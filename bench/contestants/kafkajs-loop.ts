// The loop that everybody writes first: eachBatch, LZ4, JSON.parse, heartbeats and commits by
// kafkajs. FETCH=default or best (8 MB a partition).
import { Kafka, logLevel } from 'kafkajs'
import { decompressFrameSync } from 'lz4-napi'
import { createMeasure, readTask } from './measure.ts'

const task = readTask()
const handled = createMeasure(task)
const best = process.env['FETCH'] === 'best'
const megabyte = 1024 * 1024

const kafka = new Kafka({ brokers: [task.brokers], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({
  groupId: task.groupId,
  ...(best ? { maxBytesPerPartition: 8 * megabyte, maxBytes: 96 * megabyte } : {}),
})
await consumer.connect()
await consumer.subscribe({ topics: [task.topic], fromBeginning: true })
await consumer.run({
  autoCommitInterval: 1000,
  eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
    for (const message of batch.messages) {
      if (message.value === null) continue
      JSON.parse(decompressFrameSync(message.value).toString('utf8'))
      handled(Number(message.timestamp))
      resolveOffset(message.offset)
    }
    await commitOffsetsIfNecessary()
    await heartbeat()
  },
})
