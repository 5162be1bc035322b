import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { metric } from '../../../support/metric.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { numbered, until, useOwnKafka } from '../../harness.ts'
import { plainEnvironment, type RunningService, startService } from '../process.ts'

const embedded = useOwnKafka()

/** Fails while the file exists that simulates an outage. */
const handlerOf = (outage: string) => `
import { existsSync } from 'node:fs'
export default {
  name: 'writer',
  async handle({ record }, { log }) {
    if (existsSync(${JSON.stringify(outage)})) throw new Error('the database is away')
    log.info({ event: 'written', offset: record.offset }, 'written')
  },
}`

async function setUp(t: TestContext, topic: string, more: object) {
  await embedded.createTopic(topic)
  const folder = temporaryFolder(t)
  const outage = join(folder, 'outage')
  await writeFile(outage, '')
  const handler = join(folder, 'writer.mjs')
  await writeFile(handler, handlerOf(outage))
  const config = join(folder, 'config.yaml')
  await writeFile(
    config,
    JSON.stringify({
      handlers: [{ path: handler }],
      sink: { log: { mode: 'off' } },
      retry: { attempts: 2, backoff: '10ms' },
      circuit: { failures: 3, probeAfter: '100ms', maxProbeAfter: '200ms' },
      ...more,
    }),
  )
  const start = () =>
    startService(t, plainEnvironment(t, embedded.kafka, topic), ['--config', config])
  return { start, end: () => rm(outage) }
}

const written = ({ lines }: RunningService) =>
  lines.filter(({ event }) => event === 'written').map(({ offset }) => Number(offset))

test('an outage of a handler is reported in the log, in /lag and /metrics; the pod stays alive, ready and in the group, and continues by itself', async (t) => {
  const topic = 'away'
  const { start, end } = await setUp(t, topic, {})
  await embedded.produce(
    topic,
    numbered(50).map((name) => JSON.stringify(name)),
  )
  const service = start()
  const opened = await service.logged(({ event }) => event === 'circuit.opened', 'it notices')
  assert.match(opened.msg, /"writer" failed 3 records in a row.*the database is away/)
  await service.ready()
  assert.equal((await service.get('/healthz')).status, 200)
  const { circuits, partitions } = JSON.parse((await service.get('/lag')).body)
  assert.deepEqual(
    circuits.map(({ handler, state }: Record<string, unknown>) => [handler, state]),
    [['writer', 'open']],
  )
  assert.equal(partitions[0].pausedBy, 'circuit')
  const { body } = await service.get('/metrics')
  assert.match(body, /^onchain_consumer_circuit_open\{handler="writer"\} 1$/m)
  await end()
  await service.logged(({ event }) => event === 'circuit.closed', 'it is over')
  await until(() => written(service).length === 50, 'all records')
  assert.deepEqual(
    written(service),
    Array.from({ length: 50 }, (_, offset) => offset),
  )
  const after = (await service.get('/metrics')).body
  assert.equal(metric(after, 'onchain_consumer_failed_records_total'), 0)
  assert.equal(metric(after, 'onchain_consumer_rebalances_total', 'kind="assigned"'), 1)
  assert.equal((await service.end()).code, 0)
})

test('a restart in an outage commits nothing that was not handled, and the next process handles it', async (t) => {
  const topic = 'restarted'
  const { start, end } = await setUp(t, topic, { processing: { order: 'key' } })
  await embedded.produce(
    topic,
    numbered(20).map((name) => JSON.stringify(name)),
  )
  const first = start()
  await first.logged(({ event }) => event === 'circuit.opened', 'it notices')
  assert.equal((await first.end()).code, 0)
  assert.deepEqual(await embedded.committed(`onchain-${topic}`, topic), [0])
  await end()
  const second = start()
  await until(() => written(second).length === 20, 'all records')
  await second.end()
  assert.deepEqual(await embedded.committed(`onchain-${topic}`, topic), [20])
})
