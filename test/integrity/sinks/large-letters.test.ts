import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { fixRequestQueue } from '../../../src/broker/connection/request-queue-fix.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { attemptsFile } from '../support/attempts.ts'
import { dlq } from '../support/letters.ts'
import { createScene } from '../support/setup.ts'

const PARTITIONS = 3
const GOOD = 600

/** What a topic takes by default is 1,048,588 bytes of a batch, as it is sent. */
const BAD: Readonly<Record<string, Buffer>> = {
  'came compressed': json({ fill: 'abcdefgh'.repeat(375_000) }, 3_000_000),
  'only just fitted': json({ fill: randomBytes(800_000).toString('base64') }, 1_048_300),
  'only just fitted, cannot be compressed': randomBytes(1_048_400),
}

test('bad records as large as their topic takes: each is kept, and nothing behind them waits', async (t) => {
  const scene = await createScene(t, { partitions: PARTITIONS })
  await scene.kafka.cluster.createTopic(`${scene.topic}.dlq`, { partitions: PARTITIONS })
  await produce(scene.brokers, scene.topic)
  const folder = join(scene.folder, 'dead-letters')
  const config = {
    handlers: [{ path: join(import.meta.dirname, '../handlers/refusing.ts') }],
    deadLetters: { target: 'kafka', fallback: 'file', file: { folder } },
    lag: { interval: '1s' },
  }
  const service = await scene.run(config)
  const total = GOOD + Object.keys(BAD).length
  let body = ''
  await until(async () => {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    const committed = partitions.map((each: { committed: number }) => Math.max(each.committed, 0))
    return committed.reduce((a: number, b: number) => a + b, 0) === total
  }, 'all records to be committed')
  body = (await service.get('/metrics')).body
  const handled = new Set(
    readFileSync(attemptsFile(scene.folder, service.number), 'utf8').trim().split('\n'),
  )
  const shown = await dlq(scene, config, 'list', '--json')
  const letters = shown.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const said = service.log().filter(({ event }) => event === 'dead-letters.fallback')
  const sizes = letters.map(({ value_bytes, error_message, kept_in }) => ({
    value: value_bytes,
    'characters of the error': error_message.length,
    fallback: kept_in !== null,
  }))
  printFigures('large letters', {
    'records in': total,
    'records out': handled.size,
    'bad records in': Object.keys(BAD).length,
    'dead letters': letters.length,
    'of these in the fallback': metric(body, 'onchain_consumer_dead_letters_fallback_total'),
    lost: total - handled.size - letters.length,
    letters: JSON.stringify(sizes),
  })
  assert.equal(handled.size, GOOD)
  assert.deepEqual(
    sizes.map(({ value }) => value).sort((a, b) => a - b),
    Object.values(BAD)
      .map(({ length }) => length)
      .sort((a, b) => a - b),
  )
  assert.deepEqual(
    sizes.filter(({ fallback }) => fallback).map(({ value }) => value),
    [1_048_400],
    'only what does not fit in any way',
  )
  assert.equal(said.length, 1)
  assert.match(said[0]?.msg ?? '', /kept in .*dead-letters.*max\.message\.bytes/)
  assert.equal(metric(body, 'onchain_consumer_dead_letters_fallback_total'), 1)
  assert.equal(metric(body, 'onchain_consumer_dead_letters_waiting'), 0)
  assert.equal(await service.terminate(), 0)
})

function json(fields: object, bytes: number): Buffer {
  const text = JSON.stringify({ id: -1, bad: true, ...fields })
  return Buffer.from(
    text
      .slice(0, -2)
      .padEnd(bytes - 2, 'x')
      .slice(0, bytes - 2)
      .concat('"}'),
  )
}

/** Good records before and behind the bad ones, of which each has a partition of its own. */
async function produce(brokers: string, topic: string): Promise<void> {
  fixRequestQueue()
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const good = (from: number) =>
    Array.from({ length: GOOD / 2 }, (_, index) => ({
      partition: index % PARTITIONS,
      value: JSON.stringify({ id: from + index }),
    }))
  try {
    await producer.send({ topic, messages: good(0) })
    for (const [partition, value] of Object.values(BAD).entries()) {
      const compression = value.length > 2_000_000 ? CompressionTypes.GZIP : CompressionTypes.None
      await producer.send({ topic, compression, messages: [{ partition, value }] })
    }
    await producer.send({ topic, messages: good(GOOD / 2) })
  } finally {
    await producer.disconnect()
  }
}
