import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { callingHandler, setTarget } from '../support/calling-handler.ts'
import { sizeOf } from '../support/size.ts'
import type { Task } from '../support/tasks.ts'

const createScene = shareKafka()
const RECORDS = sizeOf('RECORDS', 6_000)
/** Max letters that a topic in another format may cause: those of a run that is still short. */
const MAX_LETTERS = 100

test('records of Protocol Buffers on a JSON topic are held and said, and handled when the format is set', (t) =>
  wrongFormat(t, { order: 'key', concurrency: 50 }, 0))

test('the same with whole batches in worker threads', (t) =>
  wrongFormat(t, { order: 'partition', workers: 2 }, 0))

test('the same where the format changes behind 2,000 records of JSON', (t) =>
  wrongFormat(t, { order: 'none', workers: 2 }, 2_000))

async function wrongFormat(t: TestContext, processing: object, good: number): Promise<void> {
  const scene = await createScene(t)
  setTarget(scene, 'ok')
  const config = {
    handlers: [callingHandler(scene)],
    processing,
    circuit: { probeAfter: '200ms', maxProbeAfter: '1s' },
  }
  const tasks = Array.from(
    { length: good + RECORDS },
    (_, id): Task => ({ id, key: id, wait: 0, fault: id < good ? null : 'protobuf' }),
  )
  const handled = () => successesOf(readAttempts(scene.folder)).size
  await scene.send(tasks.slice(0, good))
  const service = await scene.run(config)
  await until(() => handled() === good, 'the good ones to be handled')
  await scene.send(tasks.slice(good))
  const exposition = async () => (await service.get('/metrics')).body
  await until(async () => {
    return metric(await exposition(), 'onchain_consumer_decode_held') === 1
  }, 'the topic to be held')
  const pausedBy = async () => {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    return new Set(partitions.map((one: { pausedBy: string }) => one.pausedBy))
  }
  await until(async () => [...(await pausedBy())].join() === 'decode', 'all of it to be held')
  await sleep(3_000)
  const body = await exposition()
  const letters = metric(body, 'onchain_consumer_failed_records_total')
  const by = [...(await pausedBy())]
  const { status, body: readyz } = await service.get('/readyz')
  const held = metric(body, 'onchain_consumer_decode_held')
  const said = service.log().filter(({ event }) => event === 'circuit.opened')
  assert.equal(await service.terminate(), 0)

  const decode = { topics: [{ pattern: 'solana.*', format: 'raw' }] }
  const again = await scene.run({ ...config, decode })
  await until(() => handled() >= tasks.length - letters, 'all records to be handled').catch(
    () => {},
  )
  const successes = successesOf(readAttempts(scene.folder))
  const lost = tasks.length - successes.size - letters
  printFigures(`${RECORDS} undecodable records, ${JSON.stringify(processing)}`, {
    'records in': tasks.length,
    'records out': successes.size,
    letters,
    lost,
    'held, paused by': `${held}, ${by.join()}`,
    '/readyz': `${status} ${readyz}`,
    'lines of the log about it': said.length,
  })
  assert.ok(letters <= MAX_LETTERS, `${letters} letters`)
  assert.equal(lost, 0)
  assert.equal(held, 1)
  assert.deepEqual(by, ['decode'])
  assert.equal(status, 503, 'a rollout had better stop here')
  assert.ok(readyz.includes(`of topic ${scene.topic} is JSON: set \`decode.topics\``), readyz)
  assert.equal(said.length, 1)
  const { body: after } = await again.get('/metrics')
  assert.equal(metric(after, 'onchain_consumer_failed_records_total'), 0)
  assert.equal(await again.terminate(), 0)
}
