import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { lockGroup } from '../../../src/broker/group/group-lock.ts'
import { registerCodecs } from '../../../src/broker/topics/codecs.ts'
import { createTopicAdmin } from '../../../src/broker/topics/topic-admin.ts'
import { readTopic } from '../../../src/broker/topics/topic-reader.ts'
import { createTopicWriter } from '../../../src/broker/topics/topic-writer.ts'
import type { BrokerOptions } from '../../../src/broker/types.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import type { Compression } from '../../../src/kernel/compression.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createKafkaStore } from '../../../src/sink/dead-letters/kafka/store.ts'
import { createKafkaTarget } from '../../../src/sink/dead-letters/kafka/target.ts'
import { testContract } from '../../support/dead-letter-contract.ts'
import { letterOf, listed, recordAt } from '../../support/letters.ts'
import { secured, writeSecrets } from '../broker/connection/secured.ts'
import { useOwnKafka } from '../harness.ts'

const embedded = useOwnKafka({}, ({ kafka }) => writeSecrets(kafka))

let places = 0
async function place(t: TestContext, topics: readonly string[], options: PlaceOptions = {}) {
  const { broker = embedded.broker, create = { partitions: 2, replication: 1 } } = options
  const { compression = 'zstd' } = options
  const topicPattern = options.pattern ?? `{topic}.dlq-${++places}`
  const warnings: string[] = []
  const target = createKafkaTarget(
    { topicPattern, topics, create, compression },
    {
      writer: createTopicWriter(broker, silentLog, 'deadLetters.kafka'),
      admin: createTopicAdmin(broker, silentLog, 'deadLetters.kafka'),
      clock: systemClock,
      warn: (text) => warnings.push(text),
    },
  )
  t.after(() => target.close())
  const reading = { section: 'deadLetters.kafka' }
  return {
    target,
    warnings,
    topic: topicPattern.replace('{topic}', topics[0] ?? ''),
    async open() {
      const store = createKafkaStore(
        { topicPattern, topics, brokers: broker.brokers },
        {
          read: (topic) => readTopic(broker, topic, reading, silentLog, lz4Codec),
          writer: createTopicWriter(broker, silentLog, 'deadLetters.kafka'),
          lock: (topic) => lockGroup(broker, `${topic}:redrive`, silentLog),
          clock: systemClock,
        },
      )
      t.after(() => store.close())
      return store
    },
  }
}

interface PlaceOptions {
  readonly broker?: BrokerOptions
  readonly create?: { readonly partitions: number; readonly replication: number } | null
  readonly pattern?: string
  readonly compression?: Compression
}

testContract('a topic', place)

test('on a secured cluster, with credentials of its own', async (t) => {
  const broker = secured(embedded.kafka, embedded.kafka.brokers.saslSsl, { verify: 'ca' })
  const { target, open } = await place(t, ['transfers'], { broker })
  await target.keep(letterOf(1))
  assert.equal((await listed(await open())).length, 1)
  const wrong = secured(embedded.kafka, embedded.kafka.brokers.saslSsl, { verify: 'full' })
  const other = await place(t, ['transfers'], { broker: wrong })
  await assert.rejects(other.target.check(), {
    code: 'OCC_TLS_HOST_NAME',
    message: /deadLetters\.kafka\.tls\.verify/,
  })
})

test('a topic that is missing is one clear error, until somebody makes it', async (t) => {
  const { target, topic } = await place(t, ['transfers'], { create: null })
  const missing = { code: 'OCC_DEAD_LETTER_TOPIC_MISSING', message: /createTopic/ }
  await assert.rejects(target.check(), missing)
  await assert.rejects(target.keep(letterOf(1)), missing)
  await embedded.createTopic(topic, 3)
  await target.keep(letterOf(1))
})

test('a compacted topic is refused, one that forgets is warned of', async (t) => {
  const first = await place(t, ['transfers'])
  await embedded.createTopic(first.topic, 1, { 'cleanup.policy': 'compact' })
  await assert.rejects(first.target.keep(letterOf(1)), { code: 'OCC_DEAD_LETTER_TOPIC_COMPACTED' })
  const second = await place(t, ['transfers'])
  await embedded.createTopic(second.topic, 1, { 'retention.ms': '3600000' })
  await second.target.keep(letterOf(1))
  assert.match(second.warnings.join(), /after 1\.0 h/)
})

test('a letter that is too large waits alone', async (t) => {
  const { target, topic, open } = await place(t, ['transfers'])
  await embedded.createTopic(topic, 1, { 'max.message.bytes': '20000' })
  const large = letterOf(1, { record: recordAt(1, { value: randomBytes(30_000) }) })
  const results = await Promise.allSettled([large, letterOf(2), letterOf(3)].map(target.keep))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
  await assert.rejects(target.keep(large), {
    code: 'OCC_RECORD_TOO_LARGE',
    message: /"transfers\.dlq.*max\.message\.bytes of the topic \(20000\).*deadLetters\.fallback/,
  })
  assert.equal((await listed(await open())).length, 2)
  await embedded.kafka.tools.configs([
    ...['--entity-type', 'topics', '--entity-name', topic, '--alter'],
    ...['--add-config', 'max.message.bytes=40000'],
  ])
  await target.keep(large)
  assert.deepEqual((await listed(await open()))[2]?.record.value, large.record.value)
})

test('letters that are too large do not repeat the warning of a topic that forgets', async (t) => {
  const { target, topic, warnings } = await place(t, ['transfers'])
  await embedded.createTopic(topic, 1, { 'max.message.bytes': '20000', 'retention.ms': '3600000' })
  for (const offset of [1, 2, 3]) {
    const large = letterOf(offset, { record: recordAt(offset, { value: randomBytes(30_000) }) })
    await assert.rejects(target.keep(large), { code: 'OCC_RECORD_TOO_LARGE' })
  }
  await target.keep(letterOf(4))
  assert.equal(warnings.length, 1, warnings.join('\n'))
})

test('a topic of default size takes a record that came compressed, and one that only just fitted', async (t) => {
  const { target, topic, open } = await place(t, ['transfers'])
  await embedded.createTopic(topic, 1)
  const error = new OccError('OCC_HANDLER', randomBytes(100_000).toString('base64'))
  const values = [
    Buffer.alloc(3_000_000, '{"amount": 1, "from": "a", "to": "b"}, '),
    Buffer.alloc(1_048_300, 'abcdefgh'),
    // What it has to spare is for the letter's headers, and not for the text of the error.
    randomBytes(1_048_150),
  ]
  const letters = values.map((value, offset) =>
    letterOf(0, { record: recordAt(offset, { value }), error }),
  )
  await Promise.all(letters.map((letter) => target.keep(letter)))
  const found = await listed(await open())
  for (const [offset, value] of values.entries()) {
    assert.ok(found[offset]?.record.value?.equals(value), String(offset))
  }
  const kept = found.map(({ errorMessage }) => errorMessage.length)
  assert.deepEqual([kept[0], kept[2]], [8_198, 0], 'the error text is cut before the value')
})

/** The number that Kafka's format has for it. */
const CODECS = { snappy: 2, lz4: 3, zstd: 4 } as const
for (const [compression, codec] of Object.entries(CODECS)) {
  test(`letters compressed with ${compression} are read by what Kafka ships`, async (t) => {
    registerCodecs(lz4Codec)
    await readBack(t, compression as Compression, codec)
  })
}

async function readBack(t: TestContext, compression: Compression, codec: number): Promise<void> {
  const { target, topic, open } = await place(t, ['transfers'], { compression })
  await embedded.createTopic(topic, 1)
  const value = 'ab'.repeat(200_000)
  await target.keep(letterOf(1, { record: recordAt(1, { value: Buffer.from(value) }) }))
  const { stdout } = await embedded.kafka.tools.consoleConsumer([
    ...['--topic', topic, '--from-beginning', '--max-messages', '1', '--timeout-ms', '20000'],
    ...['--property', 'print.headers=true'],
  ])
  assert.ok(stdout.includes(value), stdout.slice(0, 300))
  assert.match(stdout, /original_topic:transfers,original_partition:1,original_offset:1,/)
  const log = readdirSync(embedded.kafka.folder, { recursive: true, encoding: 'utf8' }).find(
    (path) =>
      /-0\/0+\.log$/.test(path.slice(path.indexOf(topic) + topic.length)) && path.includes(topic),
  )
  const batch = readFileSync(join(embedded.kafka.folder, log ?? ''))
  assert.equal(batch.readInt16BE(21) & 7, codec, 'the codec of the batch')
  assert.ok(batch.length < 30_000, `${batch.length} bytes on the broker`)
  const [letter] = await listed(await open())
  assert.equal(String(letter?.record.value), value)
}

test('brokers that were killed and are back: keeping fails meanwhile, and works again', async (t) => {
  const { target, open } = await place(t, ['transfers'])
  await target.keep(letterOf(1))
  await embedded.kafka.kill()
  await assert.rejects(target.keep(letterOf(2)), { retriable: true })
  await embedded.kafka.start()
  await target.keep(letterOf(2))
  assert.equal((await listed(await open())).length, 2)
})

test('nothing has been kept so far: the list is empty', async (t) => {
  const { open } = await place(t, ['transfers'])
  assert.deepEqual(await listed(await open()), [])
})
