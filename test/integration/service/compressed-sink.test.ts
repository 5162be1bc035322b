import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createSinks } from '../../../src/app/sinks/create-sinks.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { configOf, loadYaml } from '../../unit/config/support.ts'
import { numbered, useKafka } from '../harness.ts'

const embedded = useKafka()
const values = numbered(300).map((value) => `${value} ${'some text that repeats '.repeat(40)}end`)

for (const [compression, codec] of Object.entries({ lz4: 3, snappy: 2, none: 0 })) {
  test(`a sink with compression: ${compression} writes what Kafka's console consumer reads`, async (t) => {
    const topic = `alerts-${compression}`
    await embedded.createTopic(topic)
    const yaml = `sinks: { alerts: { type: kafka, topic: ${topic}, compression: ${compression} } }`
    const config = loadYaml(t, yaml, {
      KAFKA_BOOTSTRAP_SERVERS: embedded.kafka.brokers.plaintext,
      KAFKA_TOPICS: 'any',
      KAFKA_GROUP_ID: 'any',
    })
    const sinks = createSinks(configOf(config), silentLog)
    t.after(() => sinks.close())
    assert.deepEqual(await sinks.check(), [])
    await Promise.all(
      values.map((value, id) => sinks.emit({ handler: 'h', id: `${id}` }, 'alerts', value, null)),
    )
    const read = await embedded.kafka.tools.consoleConsumer([
      ...['--topic', topic, '--from-beginning'],
      ...['--max-messages', String(values.length), '--timeout-ms', '20000'],
    ])
    assert.deepEqual(read.stdout.trimEnd().split('\n').sort(), [...values].sort(), read.stderr)
    const data = embedded.kafka.nodes[0]?.dataFolder ?? ''
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' })
    const log = files.find((path) => path.includes(`${topic}-0`) && path.endsWith('.log'))
    const batch = readFileSync(join(data, log ?? ''))
    assert.equal(batch.readInt16BE(21) & 7, codec, 'the codec of the first batch')
  })
}
