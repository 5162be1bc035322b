import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { readAttempts } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { callingHandler, setTarget } from '../support/calling-handler.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

const createScene = shareKafka()
const RECORDS = 3_000
const SECONDS = sizeOf('SECONDS', 8)
/** Of both together, a second. */
const MAX_CALLS = 2
const NAMES = ['first', 'second']

test('two handlers down at once are called at most twice a second in all, and no record dies', (t) =>
  bothDown(t, { order: 'key', concurrency: 50 }))

test('the same in worker threads, a partition one record after the other', (t) =>
  bothDown(t, { order: 'partition', workers: 2 }))

async function bothDown(t: TestContext, processing: object): Promise<void> {
  const scene = await createScene(t)
  // Nobody listens there.
  setTarget(scene, 'http://127.0.0.1:1/')
  await scene.send(makeTasks(RECORDS))
  const service = await scene.run({
    handlers: NAMES.map((name) => callingHandler(scene, name)),
    processing,
    // As it is by default, but for the longest pause: so the calls are as many as they ever are.
    circuit: { maxProbeAfter: '1s' },
  })
  const exposition = async () => (await service.get('/metrics')).body
  await until(async () => {
    return metric(await exposition(), 'onchain_consumer_circuit_open') === 2
  }, 'both circuits to open')
  const calls = () => readAttempts(scene.folder)
  // What was in flight when they opened.
  await sleep(1_000)
  const began = performance.now()
  const before = calls().length
  await sleep(SECONDS * 1_000)
  const during = calls().slice(before)
  // Longer than it slept where the machine is busy.
  const seconds = (performance.now() - began) / 1_000
  setTarget(scene, 'ok')
  const handled = () => {
    const done = calls().filter(({ result }) => result === 'ok')
    return NAMES.map((name) => new Set(done.flatMap(({ key, id }) => (key === name ? id : []))))
  }
  const isOver = () => handled().every(({ size }) => size === RECORDS)
  await until(isOver, 'all records to be handled').catch(() => {})
  const doneBy = handled()
  const dead = metric(await exposition(), 'onchain_consumer_failed_records_total')
  printFigures(`two handlers down, ${JSON.stringify(processing)}`, {
    'records in': RECORDS,
    'handled by each': doneBy.map(({ size }) => size).join(', '),
    lost: RECORDS - Math.min(...doneBy.map(({ size }) => size)),
    'counted as handled': metric(await exposition(), 'onchain_consumer_handled_records_total'),
    dead,
    [`calls in ${seconds.toFixed(1)} s`]: NAMES.map(
      (name) => `${name}: ${during.filter(({ key }) => key === name).length}`,
    ).join(', '),
  })
  assert.deepEqual([doneBy.map(({ size }) => size), dead], [[RECORDS, RECORDS], 0])
  assert.ok(during.length > 0 && during.length <= (seconds + 1) * MAX_CALLS, `${during.length}`)
  assert.equal(await service.terminate(), 0)
}
