// @platformatic/kafka with forEach, as its README shows: CONCURRENCY records at once, in no order, the
// offsets of what was read committed each second, whether handled or not. MODULES: where npm put it.
import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { createMeasure, readTask } from './measure.ts'

interface Message {
  readonly value: Buffer
  readonly timestamp: bigint
}

interface Kafka {
  readonly Consumer: new (options: {
    groupId: string
    clientId: string
    bootstrapBrokers: string[]
    autocommit: number
  }) => {
    consume(options: {
      topics: string[]
      mode: 'committed'
      fallbackMode: 'earliest'
    }): Promise<AsyncIterable<Message>>
  }
}

interface HighWater {
  forEach<Item>(
    items: AsyncIterable<Item>,
    handle: (item: Item) => Promise<void>,
    concurrency: number,
  ): Promise<void>
}

const { MODULES = '', CONCURRENCY, WAIT } = process.env
// They are no dependencies of this project, so their types are the above.
const require = createRequire(MODULES)
const { Consumer }: Kafka = require('@platformatic/kafka')
const { forEach }: HighWater = require('hwp')

const task = readTask()
const handled = createMeasure(task)
const milliseconds = Number(WAIT)

const consumer = new Consumer({
  groupId: task.groupId,
  clientId: 'bench',
  bootstrapBrokers: [task.brokers],
  autocommit: 1000,
})
const stream = await consumer.consume({
  topics: [task.topic],
  mode: 'committed',
  fallbackMode: 'earliest',
})
await forEach(
  stream,
  async ({ value, timestamp }) => {
    JSON.parse(value.toString('utf8'))
    await wait(milliseconds)
    handled(Number(timestamp))
  },
  Number(CONCURRENCY),
)
