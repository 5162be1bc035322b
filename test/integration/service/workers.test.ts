import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, startService } from './process.ts'

const embedded = useKafka()

const HANDLER = `
import { isMainThread } from 'node:worker_threads'
export default {
  name: 'computer',
  handle({ document: { value }, record: { partition, offset } }, { log }) {
    if (value === 'crash') process.exit(9)
    log.info({ event: 'computed', partition, offset, isMainThread }, '')
  },
}`

test('a record that kills its worker again and again becomes a dead letter; all others are handled in order', async (t) => {
  const topic = 'computed'
  await embedded.createTopic(topic, 4)
  const folder = temporaryFolder(t)
  const path = join(folder, 'computer.mjs')
  const config = join(folder, 'config.yaml')
  writeFileSync(path, HANDLER)
  const retry = { attempts: 3, backoff: '10ms' }
  const settings = { handlers: [{ path }], processing: { workers: 2 }, retry }
  writeFileSync(config, JSON.stringify(settings))
  const env = plainEnvironment(t, embedded.kafka, topic)
  const values = Array.from({ length: 100 }, (_, index) => JSON.stringify({ value: index }))
  for (const partition of [0, 1, 2, 3]) await embedded.produce(topic, values, partition)
  const total = 5 * values.length + 1
  await embedded.produce(topic, [JSON.stringify({ value: 'crash' }), ...values], 2)
  const service = startService(t, env, ['--config', config])
  const sum = (offsets: readonly number[]) =>
    offsets.reduce((total, offset) => total + Math.max(0, offset), 0)
  await until(async () => {
    const offsets = await embedded.committed(env['KAFKA_GROUP_ID'] ?? '', topic)
    return sum(offsets) === total
  }, 'all records to be committed')
  const { body } = await service.get('/metrics')
  assert.match(body, /^onchain_consumer_workers_replaced_total\{reason="died"\} [1-9]/m)
  const { code, lines } = await service.end()
  assert.equal(code, 0)
  const computed = lines.filter(({ event }) => event === 'computed')
  assert.ok(computed.every((line) => line['isMainThread'] === false))
  const byPartition = Map.groupBy(computed, (line) => line['partition'])
  for (const [partition, own] of byPartition) {
    const offsets = own.map((line) => Number(line['offset']))
    assert.deepEqual(
      offsets,
      offsets.toSorted((a, b) => a - b),
      `partition ${partition}`,
    )
  }
  const handled = new Set(computed.map((line) => `${line['partition']}/${line['offset']}`))
  assert.equal(handled.size, 5 * values.length)
  const letters = env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? ''
  const texts = readdirSync(letters).map((name) => readFileSync(join(letters, name), 'utf8'))
  const [letter, ...others] = texts.join('').split('\n').filter(Boolean)
  assert.deepEqual(others, [])
  const { error_type, handler, attempts } = JSON.parse(letter ?? '{}')
  assert.deepEqual([error_type, handler, attempts], ['OCC_WORKER_DIED', 'computer', 3])
})
