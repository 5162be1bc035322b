import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { checkOrder, countAttempts, readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { sizeOf } from '../support/size.ts'
import { spread, type Task } from '../support/tasks.ts'

const createScene = shareKafka()
const KEYS = 200
const RATE = 500
/** Records that are sent whether the handler is away or not. */
const EARLY = 4 * RATE
/** Most milliseconds that the handler takes. */
const WAIT = 12
const SESSION_SECONDS = 6
/** A member that forgot its heartbeats would be thrown out; and the probes are as rare as they get. */
const OUTAGE_SECONDS = sizeOf('SECONDS', 1.5 * SESSION_SECONDS)
/** Fewer than an outage of a second would use up, were they counted. */
const ATTEMPTS = 3

test('every call of the handler fails for longer than a session lasts: no record dies, nothing rebalances, it resumes by itself', (t) =>
  outage(t, { order: 'key', concurrency: 50 }))

test('the same in worker threads, a partition one record after the other', (t) =>
  outage(t, { order: 'partition', workers: 2 }))

async function outage(t: TestContext, processing: object): Promise<void> {
  const scene = await createScene(t)
  const config = {
    handlers: [scene.planned],
    processing,
    retry: { attempts: ATTEMPTS, backoff: '50ms', maxBackoff: '500ms' },
    circuit: { probeAfter: '500ms', maxProbeAfter: '5s' },
    lag: { interval: '1s' },
  }
  const tasks = Array.from(
    { length: (OUTAGE_SECONDS + 8) * RATE },
    (_, id): Task => ({ id, key: spread(id, 3, KEYS), wait: spread(id, 4, WAIT), fault: null }),
  )
  const session = String(SESSION_SECONDS * 1000)
  const service = await scene.run(config, {
    KAFKA_SESSION_TIMEOUT_MS: session,
    KAFKA_HEARTBEAT_INTERVAL_MS: '1000',
  })
  await service.ready()
  const early = scene.send(tasks.slice(0, EARLY), RATE)
  const handled = () => countAttempts(scene.folder)
  await until(() => handled() > 2 * RATE, 'the first records to be handled')

  scene.flip('away', true)
  // However late it is: records come during the outage.
  const sending = early.then(() => scene.send(tasks.slice(EARLY), RATE))
  await until(async () => {
    return metric((await service.get('/metrics')).body, 'onchain_consumer_circuit_open') === 1
  }, 'the circuit to open')
  const before = handled()
  const lags: number[] = []
  const pausedBy = new Set<string>()
  const probes = { alive: 0, ready: 0, open: 0, all: 0 }
  for (let second = 0; second < OUTAGE_SECONDS; second++) {
    await sleep(1000)
    probes.all += 1
    if ((await service.get('/healthz')).status === 200) probes.alive += 1
    if ((await service.get('/readyz')).status === 200) probes.ready += 1
    const { totals, partitions, circuits } = JSON.parse((await service.get('/lag')).body)
    lags.push(totals.lag)
    for (const partition of partitions) pausedBy.add(partition.pausedBy)
    const [circuit] = circuits
    if (circuit?.handler === 'planned' && circuit.state === 'open') probes.open += 1
  }
  const during = handled() - before
  const { body: metricsDuring } = await service.get('/metrics')
  scene.flip('away', false)

  await sending
  await until(async () => {
    await sleep(500)
    return (
      metric((await service.get('/metrics')).body, 'onchain_consumer_handled_records_total') >=
      tasks.length
    )
  }, 'all records to be handled').catch(() => {})
  const { body } = await service.get('/metrics')
  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const lost = tasks.filter(({ id }) => !successes.has(id))
  const order = checkOrder(attempts, Number.POSITIVE_INFINITY)
  // A suspect makes way for the next one of its key, which fails as well: what counts is who succeeds first.
  const inOrder = checkOrder(
    attempts.filter(({ result }) => result === 'ok'),
    1,
  )
  const rebalances = metric(body, 'onchain_consumer_rebalances_total')
  printFigures(`handler outage, ${JSON.stringify(processing)}`, {
    'outage (s)': OUTAGE_SECONDS,
    'records in': tasks.length,
    'records out': successes.size,
    lost: lost.length,
    dead: metric(body, 'onchain_consumer_failed_records_total'),
    duplicated: [...successes.values()].filter(({ length }) => length > 1).length,
    'swapped within a key': inOrder.swapped.length + order.overlapping.length,
    'attempts during the outage (probes)': during,
    'lag at its begin, at its end': `${lags[0]}, ${lags.at(-1)}`,
    'queued meanwhile (bytes)': metric(metricsDuring, 'onchain_consumer_partition_queue_bytes'),
    '/healthz alive, /readyz ready, circuit open': `${probes.alive}, ${probes.ready}, ${probes.open} of ${probes.all}`,
    'partitions paused by': [...pausedBy].join(', '),
    rebalances,
  })
  assert.deepEqual(lost.slice(0, 10), [])
  assert.equal(metric(body, 'onchain_consumer_failed_records_total'), 0)
  const letters = join(scene.folder, 'dead-letters')
  assert.ok(!existsSync(letters) || readdirSync(letters).every((name) => !name.endsWith('.ndjson')))
  assert.ok([...successes.values()].every(({ length }) => length === 1))
  assert.deepEqual([inOrder.swapped, order.overlapping], [[], []])
  assert.equal(rebalances, 1, 'only the first assignment')
  assert.equal(probes.alive, probes.all, 'a restart would not help')
  assert.equal(probes.ready, probes.all, 'it is a working member of its group')
  assert.equal(probes.open, probes.all, 'and says that nothing is handled')
  assert.deepEqual([...pausedBy], ['circuit'])
  assert.ok((lags.at(-1) ?? 0) > (lags[0] ?? 0), 'the lag grows')
  assert.equal(metric(body, 'onchain_consumer_circuit_open'), 0)
  assert.equal(await service.terminate(), 0)
}
