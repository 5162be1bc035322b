// What tutorials show: eachMessage of kafkajs, one INSERT for each message, and the offsets as kafkajs commits
// them. INSERT is the statement.
import { Kafka, logLevel } from 'kafkajs'
import pg from 'pg'

const {
  BROKERS = '',
  TOPIC = '',
  GROUP = '',
  DATABASE_URL = '',
  INSERT = '',
  FIELDS = '',
} = process.env
const fields = FIELDS.split(',')
const client = new pg.Client({ connectionString: DATABASE_URL })
await client.connect()
const kafka = new Kafka({ brokers: [BROKERS], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: GROUP })
await consumer.connect()
await consumer.subscribe({ topics: [TOPIC], fromBeginning: true })
await consumer.run({
  eachMessage: async ({ message }) => {
    const document = JSON.parse(message.value?.toString('utf8') ?? '{}')
    await client.query(
      INSERT,
      fields.map((field) => document[field]),
    )
  },
})
