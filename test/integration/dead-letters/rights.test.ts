import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { lockLetters } from '../../../src/app/sinks/lock-letters.ts'
import { createTopicAdmin } from '../../../src/broker/topics/topic-admin.ts'
import { readTopic } from '../../../src/broker/topics/topic-reader.ts'
import { createTopicWriter } from '../../../src/broker/topics/topic-writer.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createKafkaStore } from '../../../src/sink/dead-letters/kafka/store.ts'
import { createKafkaTarget } from '../../../src/sink/dead-letters/kafka/target.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { letterOf, listed } from '../../support/letters.ts'
import { secured, writeSecrets } from '../broker/connection/secured.ts'
import { useOwnKafka } from '../harness.ts'

const embedded = useOwnKafka({ authorizer: true }, ({ kafka }) => writeSecrets(kafka))
const section = 'deadLetters.kafka'

async function rule(kind: string, operations: readonly string[], what: readonly string[]) {
  const user = `User:${embedded.kafka.credentials.username}`
  const named = operations.flatMap((operation) => ['--operation', operation])
  const added = await embedded.kafka.tools.acls(['--add', '--force', kind, user, ...named, ...what])
  assert.equal(added.code, 0, added.stderr)
}

/** All that letters take, but one. Where any rule is, what no rule allows is denied. */
async function allowAllBut(topic: string, operation: string): Promise<void> {
  const all = ['Describe', 'Read', 'Write', 'DescribeConfigs', 'Create']
  const others = all.filter((each) => each !== operation)
  await rule('--allow-principal', others, ['--topic', topic])
}

/** As the user whom ACLs bind. */
function place(t: TestContext, topic: string) {
  const broker = secured(embedded.kafka, embedded.kafka.brokers.saslSslSan)
  const warnings: string[] = []
  const log = createCapturedLog()
  const target = createKafkaTarget(
    { topicPattern: topic, topics: [], create: { partitions: 1, replication: 1 } },
    {
      writer: createTopicWriter(broker, silentLog, section),
      admin: createTopicAdmin(broker, silentLog, section),
      clock: systemClock,
      warn: (text) => warnings.push(text),
    },
  )
  const store = createKafkaStore(
    { topicPattern: topic, topics: ['transfers'], brokers: broker.brokers },
    {
      read: (name) => readTopic(broker, name, { section }, silentLog, lz4Codec),
      writer: createTopicWriter(broker, silentLog, section),
      lock: (name) => lockLetters(broker, name, log, section),
      clock: systemClock,
    },
  )
  t.after(() => target.close())
  t.after(() => store.close())
  return { target, store, warnings, log }
}

test('a right that is missing is named; what is allowed works, without any right on groups', async (t) => {
  for (const topic of ['all', 'no-read', 'no-write', 'no-settings'])
    await embedded.createTopic(topic)
  await rule('--deny-principal', ['All'], ['--group', '*'])
  await rule('--deny-principal', ['Create'], ['--cluster'])
  await allowAllBut('no-read', 'Read')
  await allowAllBut('no-write', 'Write')
  await allowAllBut('no-settings', 'DescribeConfigs')
  await allowAllBut('no-create', 'Create')

  const all = place(t, 'all')
  await all.target.keep(letterOf(1))
  const letters = await listed(all.store)
  // It is said, and the lock is done without.
  await all.store.lock({})
  assert.deepEqual(
    all.log.lines
      .filter(({ level }) => level === 'warn')
      .map(({ fields }) => [fields.event, fields['group']]),
    [['dead-letters.unlocked', 'all:redrive']],
  )
  await all.store.sending(letters)
  await all.store.end(letters, 'redriven')
  assert.deepEqual([letters.length, await listed(all.store)], [1, []])
  const { groups } = await embedded.admin.listGroups()
  assert.deepEqual(groups, [], 'nothing is left behind')

  const read = place(t, 'no-read')
  await read.target.keep(letterOf(1))
  await assert.rejects(listed(read.store), {
    code: 'OCC_TOPIC_NOT_AUTHORIZED',
    message:
      /"no-read": the user of deadLetters\.kafka .* Read on this topic.*nothing on any consumer group/,
  })
  await assert.rejects(place(t, 'no-write').target.keep(letterOf(1)), {
    code: 'OCC_TOPIC_WRITE_NOT_AUTHORIZED',
    message: /"no-write".*needs Write on it/,
  })
  await assert.rejects(place(t, 'no-create').target.keep(letterOf(1)), {
    code: 'OCC_TOPIC_CREATE_NOT_AUTHORIZED',
    message: /"no-create".*Create on this topic/,
  })
  const settings = place(t, 'no-settings')
  await settings.target.keep(letterOf(1))
  assert.match(settings.warnings.join(), /"no-settings" \(it needs DescribeConfigs/)
})
