import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { createDelays, delayText } from '../support/delays.ts'
import { openLedger, readHandlings, readLogs, troubles } from '../support/ledger.ts'
import { startLoad } from '../support/load.ts'
import type { Service } from '../support/service.ts'
import { sizeOf } from '../support/size.ts'

const createScene = shareKafka({ nodes: 3 })
const ASSIGNMENTS = [[1], [2], [3], [1], [2], [3]]
const GONE = new Set([2, 5])
const OTHERS = [0, 1, 3, 4]
/** How long the load continues without the node, in milliseconds. */
const WITHOUT = sizeOf('SECONDS', 6) * 1_000

interface LagOfPartition {
  readonly partition: number
  readonly problem: { readonly reason: string; readonly message: string } | null
}

async function problemsOf(services: readonly Service[]) {
  const reports = await Promise.all(
    services.map(async (service) => JSON.parse((await service.get('/lag')).body).partitions),
  )
  const partitions: LagOfPartition[] = reports.flat()
  return partitions.filter(({ problem }) => problem !== null)
}

/** Resolves with what is said of the partitions that have no leader, once it is said of these and no others. */
async function untilTold(services: readonly Service[]): Promise<LagOfPartition[]> {
  let problems: LagOfPartition[] = []
  await until(async () => {
    problems = await problemsOf(services)
    return isDeepStrictEqual(new Set(problems.map(({ partition }) => partition)), GONE)
  }, 'what waits to be told')
  return problems
}

async function open(t: TestContext) {
  const scene = await createScene(t, { assignments: ASSIGNMENTS })
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const third = scene.kafka.nodes[2]
  assert.ok(third)
  return { scene, ledger, third }
}

/** On a starved machine brokers answer late, and others may be named for a moment, too. */
function areNamed(folder: string): boolean {
  return GONE.isSubsetOf(new Set(namedInLogs(folder)))
}

function namedInLogs(folder: string): number[] {
  const lines = readLogs(folder).filter(({ event }) => event === 'partition.waiting')
  return [...new Set(lines.map((line) => Number(line['partition'])))].sort()
}

for (const before of ['with', 'without'] as const) {
  test(`a service starts while a node is away, ${before} offsets from before: it consumes the rest`, async (t) => {
    const { scene, ledger, third } = await open(t)
    await startLoad(scene, { count: 50, every: 0, bytes: 500, batches: 20 }).stop()
    if (before === 'with') {
      const first = await scene.start()
      await first.ready()
      await ledger.committedToTheEnd()
      assert.equal(await first.terminate(), 0)
      const more = { count: 50, every: 0, bytes: 500, batches: 20, partitions: OTHERS }
      await startLoad(scene, more).stop()
    }
    await third.kill()
    const started = performance.now()
    const service = await scene.start()
    await ledger.committedToTheEnd(OTHERS)
    const done = performance.now() - started
    const problems = await untilTold([service])
    const readiness = await service.get('/readyz')
    // It comes back after all: what waited continues by itself.
    await third.start()
    await ledger.committedToTheEnd()
    await until(async () => (await problemsOf([service])).length === 0, 'nothing to wait')
    assert.equal(await service.terminate(), 0)
    const account = await ledger.account()
    printFigures(`started without a node, ${before} offsets`, {
      'the others consumed after': `${Math.round(done)} ms, the start of the process included`,
      'as /lag says': problems[0]?.problem?.message,
      'named in the logs': namedInLogs(scene.folder).join(', '),
      ready: readiness.status,
      committed: account.committed,
      'lost (goal 0)': account.lost.length,
      'handled again (goal 0)': account.again,
      troubles: troubles(scene.folder),
    })
    assert.deepEqual(account.lost, [])
    assert.equal(account.again, 0)
    assert.ok(areNamed(scene.folder))
    assert.equal(readiness.status, 200)
  })
}

// The last one: its node stays away.
test('a node is lost: partitions that others lead continue, the rest is named', async (t) => {
  const { scene, ledger, third } = await open(t)
  const services = [await scene.start(), await scene.start()]
  await Promise.all(services.map((service) => service.ready()))
  const load = startLoad(scene, { count: 5, every: 50, bytes: 500 })
  t.after(() => load.stop())
  await until(() => readHandlings(scene.folder).length > 500, 'records to be handled')
  const lost = Date.now()
  await third.kill()
  await untilTold(services)
  const told = Date.now() - lost
  await sleep(Math.max(0, lost + WITHOUT - Date.now()))
  const problems = await problemsOf(services)
  const readiness = await Promise.all(services.map((service) => service.get('/readyz')))
  await load.stop()
  await ledger.committedToTheEnd(OTHERS)
  for (const service of services) assert.equal(await service.terminate(), 0)

  const account = await ledger.account(OTHERS)
  const delays = createDelays(load.acked, readHandlings(scene.folder))
  const since = { from: lost, to: Number.POSITIVE_INFINITY }
  printFigures('a node is lost', {
    'batches of the others since then': delays.count(new Set(OTHERS), since),
    'longest wait of the others (goal < 2 s)': delayText(delays.longest(new Set(OTHERS), since)),
    'the rest named in /lag after': `${told} ms`,
    'as it says': problems[0]?.problem?.message,
    'named in the logs': namedInLogs(scene.folder).join(', '),
    'ready all the same': readiness.map(({ status }) => status).join(', '),
    'lost of the others (goal 0)': account.lost.length,
    'handled again': account.again,
    troubles: troubles(scene.folder),
  })
  assert.deepEqual(account.lost, [])
  assert.equal(account.again - account.againAfterFence, 0)
  assert.deepEqual(new Set(problems.map(({ partition }) => partition)), GONE)
  assert.ok(areNamed(scene.folder))
  for (const { status } of readiness) assert.equal(status, 200)
})
