import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { startApi } from '../support/api.ts'
import { countAttempts, readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { callingHandler, setTarget } from '../support/calling-handler.ts'
import type { Service } from '../support/service.ts'
import type { Scene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks, spread, type Task } from '../support/tasks.ts'

const createScene = shareKafka()
const RATE = 200
/** Of each outage. */
const SECONDS = sizeOf('SECONDS', 2)
/** Half a second between two probes at the most: an outage is as if it took a minute. */
const CIRCUIT = { probeAfter: '100ms', maxProbeAfter: '500ms' }
/** By far fewer than an outage would use up, were they counted. */
const RETRY = { attempts: 3, backoff: '20ms', maxBackoff: '100ms' }

/** Records with bad ones among them, and good ones that come when these are handled. */
const [EARLY, LATE] = [9_900, 100]

async function createCalling(t: TestContext) {
  const scene = await createScene(t)
  const target = (text: string) => setTarget(scene, text)
  const config = (processing: object) => ({
    handlers: [callingHandler(scene)],
    processing,
    retry: RETRY,
    circuit: CIRCUIT,
    lag: { interval: '1s' },
  })
  return { scene, target, config }
}

async function circuitOf(service: Service): Promise<number> {
  return metric((await service.get('/metrics')).body, 'onchain_consumer_circuit_open')
}

/** All are handled, none is dead; returns what is to be printed. */
async function finish(scene: Scene, service: Service, tasks: readonly Task[]) {
  const successes = () => successesOf(readAttempts(scene.folder))
  await until(async () => {
    await sleep(500)
    return successes().size >= tasks.length
  }, 'all records to be handled').catch(() => {})
  const handled = successes()
  const { body } = await service.get('/metrics')
  const dead = metric(body, 'onchain_consumer_failed_records_total')
  const lines = service.log()
  const said = lines.filter(({ event }) => String(event).startsWith('circuit.')).length
  const figures = {
    'records in': tasks.length,
    'records out': handled.size,
    lost: tasks.filter(({ id }) => !handled.has(id)).length,
    dead,
    duplicated: [...handled.values()].filter(({ length }) => length > 1).length,
    'lines of the log about circuits, in all': `${said}, ${lines.length}`,
  }
  return { figures, body, said, dead, lost: figures.lost }
}

for (const processing of [
  { order: 'key', concurrency: 50 },
  { order: 'partition', workers: 2 },
]) {
  test(`an API refuses the token, its name is not found, its TLS fails, its client has a bug, one after the other: no letter, none lost, ${JSON.stringify(processing)}`, async (t) => {
    const { scene, target, config } = await createCalling(t)
    const api = await startApi(t)
    const works = `http://127.0.0.1:${api.port}/`
    target(works)
    const service = await scene.run(config(processing))
    await service.ready()
    const outages = {
      '401': () => {
        api.answer = () => [401]
      },
      DNS: () => target('http://api.invalid/'),
      TLS: () => target(`https://127.0.0.1:${api.port}/`),
      TypeError: () => target('bug'),
    }
    const tasks = makeTasks(RATE * 6 * SECONDS)
    let sent = 0
    const send = (seconds: number) => {
      const from = sent
      sent += RATE * seconds
      return scene.send(tasks.slice(from, sent), RATE)
    }
    let sending = send(SECONDS)
    await until(() => countAttempts(scene.folder) > 100, 'the first records to be handled')
    const calls: Record<string, number> = {}
    for (const [name, begin] of Object.entries(outages)) {
      begin()
      // However long those before it took, this outage meets records that come meanwhile.
      sending = sending.then(() => send(1.25 * SECONDS))
      await until(async () => (await circuitOf(service)) === 1, `the circuit to open: ${name}`)
      const before = countAttempts(scene.folder)
      await sleep(SECONDS * 1000)
      calls[`calls in ${SECONDS} s of ${name}`] = countAttempts(scene.folder) - before
      // A call that was begun before may have closed it once more, and a name may take long not to be found.
      await until(async () => (await circuitOf(service)) === 1, `it to be open: ${name}`)
      assert.match((await service.get('/readyz')).body, /The handler .*calling.* fails with every/)
      api.answer = () => [200]
      target(works)
      await until(async () => (await circuitOf(service)) === 0, `the circuit to close: ${name}`)
    }
    await sending
    const { figures, said, dead, lost } = await finish(scene, service, tasks)
    printFigures(`false letters, ${JSON.stringify(processing)}`, { ...figures, ...calls })
    assert.deepEqual([dead, lost], [0, 0])
    // At most one for each probe, every 100 ms, and those that were in flight.
    for (const [what, count] of Object.entries(calls)) assert.ok(count <= SECONDS * 10 + 50, what)
    assert.ok(said >= 6 && said <= 20, `${said} lines about circuits`)
    assert.equal(await service.terminate(), 0)
  })
}

test('a handler fails every record by a bug of its own, and is replaced: no letter, none lost', async (t) => {
  const { scene, target, config } = await createCalling(t)
  const tasks = makeTasks(3_000)
  await scene.send(tasks)
  const calls: Record<string, number> = {}
  for (const bug of ['bug', 'bigint']) {
    target(bug)
    const before = countAttempts(scene.folder)
    const service = await scene.run(config({ order: 'key', concurrency: 50 }))
    await until(async () => (await circuitOf(service)) === 1, 'the circuit to open')
    await sleep(SECONDS * 1000)
    calls[`calls with ${bug}`] = countAttempts(scene.folder) - before
    const { body } = await service.get('/metrics')
    assert.equal(metric(body, 'onchain_consumer_failed_records_total'), 0)
    assert.equal(await circuitOf(service), 1)
    assert.equal(await service.terminate(), 0)
  }
  target('ok')
  const service = await scene.run(config({ order: 'key', concurrency: 50 }))
  const { figures, dead, lost } = await finish(scene, service, tasks)
  printFigures('a bug in the handler', { ...figures, ...calls })
  assert.deepEqual([dead, lost], [0, 0])
  for (const [what, count] of Object.entries(calls)) {
    assert.ok(count <= SECONDS * 10 + 50, `${what}: ${count}`)
  }
  assert.equal(await service.terminate(), 0)
})

test('an API takes one call in ten and answers 429 to the others: no letter, none lost, said a few times', async (t) => {
  const { scene, target, config } = await createCalling(t)
  const api = await startApi(t)
  let refused = 0
  api.answer = (call) => {
    if (call % 10 === 0) return [200]
    refused += 1
    return [429, { 'retry-after': '0' }]
  }
  target(`http://127.0.0.1:${api.port}/`)
  const tasks = makeTasks(2_000)
  await scene.send(tasks)
  const service = await scene.run(config({ order: 'key', concurrency: 50 }))
  const openingsOf = async () =>
    metric((await service.get('/metrics')).body, 'onchain_consumer_circuit_openings_total')
  await until(async () => (await openingsOf()) > 1, 'the circuit to open again and again')
  await sleep(2 * SECONDS * 1000)
  const taken = api.calls - refused
  const during = `${api.calls} (${taken} taken) in ${2 * SECONDS} s`
  const openings = await openingsOf()
  api.answer = () => [200]
  const { figures, said, dead, lost } = await finish(scene, service, tasks)
  printFigures('429 for nine calls in ten', { ...figures, calls: during, openings })
  assert.deepEqual([dead, lost], [0, 0])
  assert.ok(openings > 0 && taken > 0)
  assert.ok(said <= 3 * 3 * 3, `${said} lines about circuits, ${openings} openings`)
  assert.equal(await service.terminate(), 0)
})

for (const processing of [
  { order: 'key', concurrency: 50 },
  { order: 'partition', workers: 2 },
]) {
  test(`one record in a hundred fails by its own fault: exactly these are letters, and the circuit never opens, ${JSON.stringify(processing)}`, async (t) => {
    const scene = await createScene(t)
    const tasks = makeTasks(EARLY + LATE, {
      faultOf: (id) => (spread(id, 1, 100) === 0 && id < EARLY ? 'permanent' : null),
    })
    const bad = tasks.filter(({ fault }) => fault !== null)
    await scene.send(tasks.slice(0, EARLY))
    const service = await scene.run({
      handlers: [scene.planned],
      processing,
      lag: { interval: '1s' },
    })
    const count = async (name: string) => metric((await service.get('/metrics')).body, name)
    const started = Date.now()
    await until(async () => {
      return (await count('onchain_consumer_handled_records_total')) >= EARLY - bad.length
    }, 'the others to be handled')
    // A later success is what tells a bad record from a handler that is down.
    await scene.send(tasks.slice(EARLY))
    await until(async () => {
      const { partitions } = JSON.parse((await service.get('/lag')).body)
      const committed = partitions.map((each: { committed: number }) => each.committed)
      return committed.reduce((a: number, b: number) => a + b, 0) === tasks.length
    }, 'all records to be committed')
    const seconds = (Date.now() - started) / 1000
    const attempts = readAttempts(scene.folder)
    const dead = new Set(attempts.filter(({ result }) => result === 'dead').map(({ id }) => id))
    const openings = await count('onchain_consumer_circuit_openings_total')
    const letters = await count('onchain_consumer_failed_records_total')
    printFigures(`one in a hundred, ${JSON.stringify(processing)}`, {
      'records in': tasks.length,
      'records out': successesOf(attempts).size,
      letters,
      'calls for each of them': attempts.filter(({ id }) => dead.has(id)).length / bad.length,
      duplicated: [...successesOf(attempts).values()].filter(({ length }) => length > 1).length,
      seconds,
      openings,
    })
    assert.deepEqual([letters, dead.size], [bad.length, bad.length])
    assert.equal(openings, 0)
    assert.equal(await service.terminate(), 0)
  })
}
