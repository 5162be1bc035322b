import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProducer } from '../../../dev/produce/producer.ts'
import { registerCodecs } from '../../../src/broker/topics/codecs.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { dictionaryText } from '../../support/records/lz4-contents.ts'
import { consuming, numbered, until, useKafka } from '../harness.ts'

registerCodecs(lz4Codec)
const embedded = useKafka()
/** Large enough for several blocks of every codec. */
const values = numbered(300).map((value) => `${value} ${'some text that repeats '.repeat(40)}end`)

for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
  test(`${codec}: what Kafka's own producer compressed is read`, async (t) => {
    const topic = `java-${codec}`
    await embedded.createTopic(topic)
    const properties = ['--compression-codec', codec, '--batch-size', '65536']
    const text = `${values.join('\n')}\n`
    const sent = await embedded.kafka.tools.consoleProducer(['--topic', topic, ...properties], text)
    assert.equal(sent.code, 0, sent.stderr)
    const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
    service.join()
    await until(
      () => service.handled.length >= values.length,
      () => `${values.length} records, have ${service.handled.length}`,
    )
    assert.deepEqual(service.values(), values)
    assert.equal(service.meters.process.restarts, 0)
  })

  test(`${codec}: what our producer compressed is read by Kafka's console consumer`, async () => {
    const topic = `ours-${codec}`
    const producer = await createProducer(embedded.broker, { compression: codec }, silentLog)
    await producer.ensureTopic(topic, 1)
    await producer.send(
      topic,
      values.map((value) => ({ key: null, value: Buffer.from(value), headers: {} })),
    )
    await producer.close()
    const limits = ['--max-messages', String(values.length), '--timeout-ms', '20000']
    const read = await embedded.kafka.tools.consoleConsumer([
      ...['--topic', topic, '--from-beginning'],
      ...limits,
    ])
    assert.deepEqual(read.stdout.trimEnd().split('\n'), values, read.stderr)
  })
}

test("Kafka's client reads LZ4 batches of many blocks, each of which ends amid other repetitions", async () => {
  const topic = 'ours-blocks'
  const producer = await createProducer(embedded.broker, { compression: 'lz4' }, silentLog)
  await producer.ensureTopic(topic, 1)
  const texts = Array.from({ length: 40 }, (_, seed) => dictionaryText(seed, 300_000))
  for (const text of texts) {
    await producer.send(topic, [{ key: null, value: Buffer.from(text), headers: {} }])
  }
  await producer.close()
  const read = await embedded.kafka.tools.consoleConsumer([
    ...['--topic', topic, '--from-beginning'],
    ...['--max-messages', String(texts.length), '--timeout-ms', '20000'],
  ])
  const lines = read.stdout.trimEnd().split('\n')
  assert.equal(lines.length, texts.length, read.stderr)
  assert.ok(lines.every((line, index) => line === texts[index]))
})
