import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { metric } from '../../support/metric.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { plainEnvironment, ROOT, securedEnvironment, startService } from './process.ts'

const embedded = useKafka()

test('by YAML, over SASL_SSL, SCRAM and a client certificate: each record is logged as it is', async (t) => {
  const topic = 'solana.transfers'
  await embedded.createTopic(topic)
  const fixture = 'test/fixtures/solana.transfers.2-u64-precision.json'
  const value = await readFile(join(ROOT, fixture), 'utf8')
  const secrets = { Token: 'a', key: 'b', password: 'c', Authorization: { apiKey: 'd' } }
  const url = 'https://user:word@example.com'
  const values = [value, JSON.stringify(secrets), JSON.stringify([url]), null]
  await embedded.send(
    topic,
    values.map((each, index) => ({ key: index === 0 ? 'the-key' : null, value: each })),
  )
  const env = await securedEnvironment(t, embedded.kafka, topic, 'onchain-records')
  const config = join(temporaryFolder(t), 'config.yaml')
  const sasl = {
    mechanism: 'SCRAM-SHA-512',
    username: env['KAFKA_SASL_USERNAME'],
    passwordFile: env['KAFKA_SASL_PASSWORD_FILE'],
  }
  const { ca: caFile, clientCertificate, clientKey: keyFile } = embedded.kafka.certificates
  await writeFile(
    config,
    stringify({
      kafka: {
        brokers: [embedded.kafka.brokers.saslSsl],
        topics: [topic],
        groupId: 'onchain-records',
        securityProtocol: 'SASL_SSL',
        sasl,
        tls: { caFile, certificateFile: clientCertificate, keyFile, verify: 'ca' },
      },
      sink: { log: { every: 1 } },
      deadLetters: { file: { folder: temporaryFolder(t) } },
    }),
  )
  const service = startService(t, {}, ['--config', config])
  await service.recorded(4)
  const { code, lines, stderr } = await service.end()
  assert.deepEqual([code, stderr], [0, ''])
  const [solana, named, address, tombstone] = service.records()
  assert.deepEqual(
    service.records().map((line) => [line.topic, line.partition, line.offset, line.key]),
    [
      [topic, 0, 0, 'the-key'],
      [topic, 0, 1, null],
      [topic, 0, 2, null],
      [topic, 0, 3, null],
    ],
  )
  // Numbers beyond 2^53 as text, everything else as it was.
  const exact = value.replaceAll(/(?<=: )18446744073709551557/g, '"18446744073709551557"')
  assert.ok(exact !== value)
  assert.deepEqual(solana?.['value'], JSON.parse(exact))
  assert.deepEqual(named?.['value'], secrets)
  assert.deepEqual(address?.['value'], [url])
  assert.equal(tombstone?.['value'], null)
  assert.ok(!JSON.stringify(lines).includes(embedded.kafka.credentials.password))
})

for (const [settings, expected] of [
  [{ OCC_SINK_LOG_EVERY: '4' }, [3, 7]],
  [{ OCC_SINK_LOG_MODE: 'off' }, []],
] as const) {
  test(`${Object.keys(settings)} ${Object.values(settings)}: the others are handled silently`, async (t) => {
    const topic = `sampled-${expected.length}`
    await embedded.createTopic(topic)
    await embedded.produce(
      topic,
      numbered(10).map((name) => JSON.stringify(name)),
    )
    const env = plainEnvironment(t, embedded.kafka, topic)
    const service = startService(t, { ...env, ...settings })
    await until(async () => {
      const { body } = await service.get('/metrics')
      return metric(body, 'onchain_consumer_handled_records_total') === 10
    }, 'ten handled records')
    await service.end()
    const offsets = service.records().map(({ offset }) => offset)
    assert.deepEqual(offsets, expected)
  })
}

test('a failed record is logged, counted, kept, and its offset is committed', async (t) => {
  const topic = 'poisoned'
  await embedded.createTopic(topic)
  const values = ['{"good":1}', '{"broken', '{"good":2}']
  await embedded.produce(topic, values)
  const env = plainEnvironment(t, embedded.kafka, topic)
  const service = startService(t, env)
  await service.recorded(2)
  const line = await service.logged(({ event }) => event === 'record.failed', 'it fails')
  assert.deepEqual(
    [line.level, line.topic, line.partition, line.offset, line.code],
    ['error', topic, 0, 1, 'OCC_JSON_INVALID'],
  )
  let body = ''
  await until(async () => {
    body = (await service.get('/metrics')).body
    return metric(body, 'onchain_consumer_failed_records_total') > 0
  }, 'it is kept')
  assert.match(
    body,
    /^onchain_consumer_failed_records_total\{topic="poisoned",code="OCC_JSON_INVALID"\} 1$/m,
  )
  assert.equal(metric(body, 'onchain_consumer_handled_records_total'), 2)
  assert.equal((await service.end()).code, 0)
  assert.deepEqual(await embedded.committed(env['KAFKA_GROUP_ID'] ?? '', topic), [3])
  const folder = env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? ''
  const [name = ''] = await readdir(folder)
  const kept = await readFile(join(folder, name), 'utf8')
  const { original_topic, original_partition, original_offset, value } = JSON.parse(kept)
  assert.deepEqual(
    [original_topic, original_partition, original_offset, Buffer.from(value, 'base64').toString()],
    [topic, 0, 1, values[1]],
  )
})
