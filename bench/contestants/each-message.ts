// kafkajs's eachMessage with a handler that parses the message and waits: one record after the other
// in each partition, all partitions at once.
import { setTimeout as wait } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { createMeasure, readTask } from './measure.ts'

const task = readTask()
const handled = createMeasure(task)
const milliseconds = Number(process.env['WAIT'])

const kafka = new Kafka({ brokers: [task.brokers], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: task.groupId })
await consumer.connect()
await consumer.subscribe({ topics: [task.topic], fromBeginning: true })
await consumer.run({
  autoCommitInterval: 1000,
  partitionsConsumedConcurrently: Number(process.env['PARTITIONS']),
  eachMessage: async ({ message }) => {
    if (message.value === null) return
    JSON.parse(message.value.toString('utf8'))
    await wait(milliseconds)
    handled(Number(message.timestamp))
  },
})
