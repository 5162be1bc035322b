import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { checkOrder, countAttempts, readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { dlq } from '../support/letters.ts'
import type { Service } from '../support/service.ts'
import { PARTITIONS } from '../support/setup.ts'
import { makeTasks, partitionOf, type Task } from '../support/tasks.ts'

const createScene = shareKafka()
const KEYS = 60

test('a handler never answers for two records and ignores its signal: everything that need not wait for them continues', async (t) => {
  const scene = await createScene(t)
  const hung = [1_000, 2_000]
  const tasks = makeTasks(6_000, {
    keys: KEYS,
    faultOf: (id) => (hung.includes(id) ? 'hang' : null),
  })
  const config = {
    handlers: [{ ...scene.planned, timeout: '2s' }],
    // As many places as there are records that keep one: they must not keep it forever.
    processing: { order: 'key', concurrency: hung.length },
    flow: { drain: '2s' },
    lag: { interval: '1s' },
  }
  const culprits = tasks.filter(({ id }) => hung.includes(id))
  const isBehind = (task: Task) => culprits.some(({ id, key }) => key === task.key && task.id >= id)
  const free = tasks.filter((task) => !isBehind(task))

  const service = await scene.run(config)
  await scene.send(tasks)
  await until(
    () => countAttempts(scene.folder) >= free.length,
    'all that may continue to be handled',
  )
  await until(async () => {
    const { body } = await service.get('/metrics')
    return (
      metric(body, 'onchain_consumer_handler_hanging_calls') === hung.length &&
      metric(body, 'onchain_consumer_partition_stuck_records') === hung.length
    )
  }, 'the hanging calls to be reported')
  const others = partitionsWithout(culprits)
  await until(async () => {
    const lags = await lagsOf(service)
    return others.every((partition) => lags.get(partition) === 0)
  }, 'the other partitions to be committed')
  const handledBeside = successesOf(readAttempts(scene.folder))
  const lags = await lagsOf(service)
  const alive = (await service.get('/healthz')).status
  const ready = (await service.get('/readyz')).status
  const { body } = await service.get('/metrics')
  const said = service.log().filter(({ event }) => event === 'handler.hanging')
  assert.equal(await service.terminate(), 0, 'it ends all the same')

  scene.flip('repaired', true)
  const second = await scene.run(config)
  await until(async () => {
    const left = await lagsOf(second)
    return left.size === PARTITIONS && [...left.values()].every((lag) => lag === 0)
  }, 'all records to be committed')
  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const lost = tasks.filter(({ id }) => !successes.has(id))
  const repeated = [...successes.values()].filter(({ length }) => length > 1)
  const order = checkOrder(attempts, Number.POSITIVE_INFINITY)
  printFigures('handler that never answers', {
    'records in': tasks.length,
    'that hang': hung.length,
    'of their keys, waiting behind them': tasks.length - free.length - hung.length,
    'handled beside them': handledBeside.size,
    'reported as hanging': said.length,
    'uncommitted, of the partitions of the two': culprits
      .map((task) => lags.get(partitionOf(task, PARTITIONS)))
      .join(', '),
    '/healthz, /readyz meanwhile': `${alive}, ${ready}`,
    rebalances: metric(body, 'onchain_consumer_rebalances_total'),
    'handled after a restart with the handler repaired': successes.size,
    lost: lost.length,
    duplicated: repeated.length,
    'swapped within a key': order.swapped.length + order.overlapping.length,
  })
  assert.equal(handledBeside.size, free.length)
  assert.deepEqual([alive, ready], [200, 200])
  assert.equal(said.length, hung.length)
  assert.equal(metric(body, 'onchain_consumer_rebalances_total'), 1, 'only the first assignment')
  assert.equal(metric(body, 'onchain_consumer_failed_records_total'), 0)
  for (const task of culprits) {
    const lag = lags.get(partitionOf(task, PARTITIONS)) ?? 0
    assert.ok(lag > 0, 'nothing at or beyond the hanging record is committed')
  }
  assert.deepEqual(lost, [])
  assert.deepEqual(repeated, [], 'what was finished beyond the hanging record is remembered')
  assert.deepEqual([order.swapped, order.overlapping], [[], []])
  assert.equal(await second.terminate(), 0)
})

test('records end or hang their worker thread: the threads are replaced, only these records die', async (t) => {
  const scene = await createScene(t)
  const faults = new Map<number, Task['fault']>([
    [2_000, 'exit'],
    [4_000, 'loop'],
    [6_000, 'exit'],
  ])
  const tasks = makeTasks(12_000, { keys: KEYS, faultOf: (id) => faults.get(id) ?? null })
  const config = {
    handlers: [{ ...scene.planned, timeout: '1s' }],
    processing: { order: 'key', workers: 2 },
    retry: { attempts: 3, backoff: '50ms' },
    lag: { interval: '1s' },
  }
  const service = await scene.run(config)
  await service.ready()
  const sending = scene.send(tasks, 600)
  const failed = () => readFailed(scene.folder).length
  const replaced = async (reason: string) =>
    metric(
      (await service.get('/metrics')).body,
      'onchain_consumer_workers_replaced_total',
      `reason="${reason}"`,
    )
  await until(async () => (await replaced('hung')) > 0, 'a worker that hangs to be replaced')
  const handledFirst = countAttempts(scene.folder)
  await until(() => failed() === faults.size, 'the records to be given up')
  const handledMeanwhile = countAttempts(scene.folder) - handledFirst
  const alive = (await service.get('/healthz')).status
  await sending
  await until(async () => {
    await sleep(200)
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    const committed = partitions.map((each: { committed: number }) => each.committed)
    return committed.reduce((a: number, b: number) => a + b, 0) === tasks.length
  }, 'all records to be committed')
  const { body } = await service.get('/metrics')
  await until(async () => {
    return metric((await service.get('/metrics')).body, 'onchain_consumer_workers') === 2
  }, 'the last thread to be replaced')
  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const listed = await dlq(scene, config, 'list', '--json')
  const letters = listed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const dead = new Map(
    readFailed(scene.folder).map(({ offset, partition, errorType }) => [
      `${partition}/${offset}`,
      errorType,
    ]),
  )
  const lost = tasks.filter(({ id, fault }) => !successes.has(id) && fault === null)
  const order = checkOrder(attempts, Number.POSITIVE_INFINITY)
  const died = await replaced('died')
  const hung = await replaced('hung')
  printFigures('workers that die and hang', {
    'records in': tasks.length,
    'records out': successes.size,
    'records that end or hang their thread': faults.size,
    'dead letters': letters
      .map((letter) => `${letter.error_type} after ${letter.attempts}`)
      .join(', '),
    lost: lost.length,
    'handled again, because their thread ended with them': [...successes.values()].filter(
      ({ length }) => length > 1,
    ).length,
    'swapped within a key': order.swapped.length + order.overlapping.length,
    'threads replaced (died, hung)': `${died}, ${hung}`,
    'handled while one hung': handledMeanwhile,
    rebalances: metric(body, 'onchain_consumer_rebalances_total'),
  })
  assert.deepEqual(lost, [])
  assert.equal(dead.size, faults.size)
  assert.deepEqual(letters.map((letter) => letter.error_type).sort(), [
    'OCC_WORKER_DIED',
    'OCC_WORKER_DIED',
    'OCC_WORKER_HUNG',
  ])
  assert.ok(letters.every((letter) => letter.attempts === 3 && letter.handler === 'planned'))
  for (const id of faults.keys()) assert.ok(!successes.has(id))
  assert.equal(successes.size, tasks.length - faults.size)
  assert.ok(handledMeanwhile > 0, 'the others continue')
  assert.equal(alive, 200)
  assert.ok(died >= 2 && hung >= 1)
  assert.deepEqual([order.swapped, order.overlapping], [[], []])
  assert.equal(metric(body, 'onchain_consumer_rebalances_total'), 1, 'only the first assignment')
  assert.equal(await service.terminate(), 0)
})

function partitionsWithout(tasks: readonly Task[]): number[] {
  const taken = new Set(tasks.map((task) => partitionOf(task, PARTITIONS)))
  return Array.from({ length: PARTITIONS }, (_, partition) => partition).filter(
    (partition) => !taken.has(partition),
  )
}

async function lagsOf(service: Service): Promise<Map<number, number | null>> {
  const { partitions } = JSON.parse((await service.get('/lag')).body)
  return new Map(
    partitions.map(({ partition, lag }: { partition: number; lag: number | null }) => [
      partition,
      lag,
    ]),
  )
}
