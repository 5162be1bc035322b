import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { metric } from '../../support/metric.ts'
import { headerOf } from '../../support/records/topic-records.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed, readLetters } from '../support/accounting.ts'
import { checkOrder, countAttempts, readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import type { Service } from '../support/service.ts'
import { sizeOf } from '../support/size.ts'
import { type Fault, makeTasks, spread, type Task } from '../support/tasks.ts'

const createScene = shareKafka()
const RECORDS = sizeOf('RECORDS', 6_000)
const KEYS = 500
const KINDS: readonly Fault[] = ['float', 'event', 'timer']
/** Those whose answer is lost with the error: each takes a second an attempt. */
const LOST = 6

/** Each kind for one record in a hundred, spread over all of them. */
function faultOf(id: number): Fault | null {
  if (id % (RECORDS / LOST) === 7) return 'lost'
  return KINDS[spread(id, 5, 100)] ?? null
}

test('errors outside of the promise end nothing, lose nothing and kill no neighbour', (t) =>
  stray(t, 0))

test('the same in worker threads', (t) => stray(t, 2))

async function stray(t: TestContext, workers: number): Promise<void> {
  const scene = await createScene(t)
  const tasks = makeTasks(RECORDS, { keys: KEYS, faultOf })
  const config = {
    handlers: [scene.planned],
    processing: { order: 'key', workers },
    retry: { attempts: 2, backoff: '50ms' },
    lag: { interval: '1s' },
  }
  const numbers = (of: readonly Task[]) => of.map(({ id }) => id)
  const culprits = tasks.filter(({ fault }) => fault !== null)
  const lostAnswers = culprits.filter(({ fault }) => fault === 'lost')
  const began = performance.now()
  await scene.send(tasks)
  const services: Service[] = []
  const start = async () => void services.push(await scene.run(config))
  await start()
  /** As Kubernetes would; and an end that it is not asked for is what must not happen. */
  const restart = async () => {
    if (services.at(-1)?.process.exitCode !== null) await start()
  }
  await until(async () => {
    await restart()
    const over = countAttempts(scene.folder) + readFailed(scene.folder).length
    return over >= RECORDS && readFailed(scene.folder).length >= lostAnswers.length
  }, 'all records to be handled or kept')
  const service = services.at(-1)
  assert.ok(service)
  await until(async () => {
    const { totals } = JSON.parse((await service.get('/lag')).body)
    return totals.lag === 0
  }, 'all of it to be committed')
  const seconds = (performance.now() - began) / 1000
  const { body } = await service.get('/metrics')
  const counted = (kind: string) =>
    metric(body, 'onchain_consumer_stray_errors_total', `kind="${kind}"`)
  const said = service.log().filter(({ event }) => event === 'handler.stray-error')
  const code = await service.terminate()
  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const letters = readLetters(scene.folder)
  const dead = letters.map(({ record }) => Number(headerOf(record, 'task-id')))
  const lost = tasks.filter(({ id }) => !successes.has(id) && !dead.includes(id))
  const innocent = dead.filter((id) => tasks[id]?.fault === null)
  const repeated = [...successes.values()].filter(({ length }) => length > 1)
  const order = checkOrder(attempts, config.retry.attempts)
  printFigures(`errors outside of the promise, workers: ${workers}`, {
    'records in': RECORDS,
    'records out': successes.size,
    'culprits: rejections, error events, timers': KINDS.map(
      (kind) => culprits.filter(({ fault }) => fault === kind).length,
    ).join(', '),
    'culprits whose answer is lost': lostAnswers.length,
    lost: lost.length,
    'dead letters': dead.length,
    'of records that are no culprit': innocent.length,
    duplicated: repeated.length,
    'swapped within a key': order.swapped.length + order.overlapping.length,
    'ends of the process, of threads': `${services.length - 1}, ${metric(body, 'onchain_consumer_workers_replaced_total')}`,
    'errors counted (rejections, exceptions)': `${counted('rejection')}, ${counted('exception')}`,
    'said in the log': said.length,
    rebalances: metric(body, 'onchain_consumer_rebalances_total'),
    seconds: seconds.toFixed(1),
  })
  assert.deepEqual(numbers(lost), [])
  assert.deepEqual(innocent, [])
  assert.deepEqual(
    dead.toSorted((a, b) => a - b),
    numbers(lostAnswers),
    'no dead letter of a record that was answered with ok',
  )
  assert.ok(letters.every((letter) => letter.errorType === 'OCC_HANDLER_STRAY'))
  assert.deepEqual(repeated, [])
  assert.deepEqual([order.swapped, order.overlapping], [[], []])
  assert.equal(services.length, 1, 'no process ended')
  assert.equal(metric(body, 'onchain_consumer_workers_replaced_total'), 0)
  assert.equal(counted('rejection'), culprits.filter(({ fault }) => fault === 'float').length)
  assert.ok(counted('exception') >= culprits.length - counted('rejection'))
  assert.equal(metric(body, 'onchain_consumer_stray_errors_total', 'handler=""'), 0)
  assert.ok(said.length > 0 && said.length <= 30 * Math.max(1, workers), 'bounded')
  assert.ok(said.every((line) => line['handler'] === 'planned' && 'offset' in line))
  assert.equal(code, 0)
}
