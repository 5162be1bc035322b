// The loop that everybody writes first, for Protocol Buffers: kafkajs's eachBatch, and of each message protobufjs
// makes an object. MESSAGE is its name in the schemas of dev/synthetic. FETCH=default or best (8 MB a partition).
import { Kafka, logLevel } from 'kafkajs'
import { messageType } from '../../dev/synthetic/protobuf.ts'
import { createMeasure, readTask } from './measure.ts'

const task = readTask()
const handled = createMeasure(task)
const type = messageType(process.env['MESSAGE'] ?? '')
const best = process.env['FETCH'] === 'best'
const megabyte = 1024 * 1024
const asText = { longs: String, bytes: String, enums: String }

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
      type.toObject(type.decode(message.value), asText)
      handled(Number(message.timestamp))
      resolveOffset(message.offset)
    }
    await commitOffsetsIfNecessary()
    await heartbeat()
  },
})
