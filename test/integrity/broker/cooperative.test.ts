import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { createDelays, delayText, longer, NO_DELAY, type Window } from '../support/delays.ts'
import { openLedger, readHandlings, readLogs, troubles } from '../support/ledger.ts'
import { startLoad } from '../support/load.ts'
import type { Service } from '../support/service.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const PARTITIONS = 12
const MEMBERS = 3
const REBALANCES = sizeOf('REBALANCES', 6)
/** Leavers (-) and newcomers (+), again and again; at most four members, at least two. */
const PLAN = ['-', '+', '+', '-'] as const
/** So that what waits behind a pause is handled before the next one. Milliseconds. */
const BETWEEN = 500
const MAX_OF_LEAST = 1.1

interface Change extends Window {
  readonly least: number
  readonly before: ReadonlyMap<number, Service>
  readonly after: ReadonlyMap<number, Service>
}

/** Who has which partition; null: not each has exactly one owner, or they are not spread evenly. */
async function ownersOf(services: readonly Service[]): Promise<Map<number, Service> | null> {
  const owners = new Map<number, Service>()
  const counts: number[] = []
  for (const service of services) {
    const { partitions } = JSON.parse((await service.get('/lag')).body)
    counts.push(partitions.length)
    for (const { partition } of partitions) {
      if (owners.has(partition)) return null
      owners.set(partition, service)
    }
  }
  const isEven = Math.max(...counts) - Math.min(...counts) <= 1
  return owners.size === PARTITIONS && isEven ? owners : null
}

async function settled(services: readonly Service[]): Promise<Map<number, Service>> {
  const found: { owners: Map<number, Service> | null } = { owners: null }
  await until(async () => {
    found.owners = await ownersOf(services)
    return found.owners !== null
  }, 'each partition to have its owner')
  assert.ok(found.owners)
  return found.owners
}

test('graceful rebalances, cooperative: only what has to move does, and nothing is repeated', async (t) => {
  const scene = await createScene(t, { nodes: 3, partitions: PARTITIONS })
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const services = await Promise.all(Array.from({ length: MEMBERS }, () => scene.start()))
  await Promise.all(services.map((service) => service.ready()))
  let owners = await settled(services)
  const load = startLoad(scene, { count: 2, every: 100, bytes: 300 })
  t.after(() => load.stop())
  await until(() => readHandlings(scene.folder).length > 500, 'records to be handled')
  const added = () =>
    readLogs(scene.folder)
      .filter(({ event }) => event === 'group.rebalanced')
      .reduce((sum, line) => sum + Number(line['added']), 0)
  const addedBefore = added()
  const changes: Change[] = []

  for (let turn = 0; turn < REBALANCES; turn++) {
    const before = owners
    const from = Date.now()
    let least = 0
    if (PLAN[turn % PLAN.length] === '-') {
      const [leaver] = services.splice(turn % services.length, 1)
      assert.ok(leaver)
      least = [...before.values()].filter((owner) => owner === leaver).length
      assert.equal(await leaver.terminate(), 0)
    } else {
      const service = await scene.start()
      await service.ready()
      services.push(service)
      least = Math.floor(PARTITIONS / services.length)
    }
    owners = await settled(services)
    changes.push({ least, before, after: owners, from, to: Date.now() })
    await sleep(BETWEEN)
  }
  await load.stop()
  await ledger.committedToTheEnd()
  const moved = added() - addedBefore
  for (const service of services) assert.equal(await service.terminate(), 0)

  const account = await ledger.account()
  const delays = createDelays(load.acked, readHandlings(scene.folder))
  const longest = (isMoved: boolean) =>
    changes
      .map((change) => {
        const partitions = [...change.after.keys()].filter(
          (each) => (change.before.get(each) !== change.after.get(each)) === isMoved,
        )
        return delays.longest(new Set(partitions), change)
      })
      .reduce(longer, NO_DELAY)
  const least = changes.reduce((sum, change) => sum + change.least, 0)
  const every = new Set(owners.keys())
  // What the machine itself costs: between a change and the next.
  const quiet = changes
    .map(({ to }) => delays.longest(every, { from: to, to: to + BETWEEN / 2 }))
    .reduce(longer, NO_DELAY)
  const batches = changes.reduce((sum, change) => sum + delays.count(every, change), 0)
  printFigures('graceful rebalances, cooperative', {
    changes: changes.length,
    'batches sent meanwhile': batches,
    'partitions moved (goal at most 1.1 x the least)': `${moved}, the least is ${least}`,
    'longest wait of one that did not move (goal < 200 ms)': delayText(longest(false)),
    'longest wait of one that moved (goal < 1 s)': delayText(longest(true)),
    'longest wait while nobody came or went': delayText(quiet),
    committed: account.committed,
    'lost (goal 0)': account.lost.length,
    'handled again (goal 0)': account.again,
    'offsets that went back (goal 0)': account.wentBack.join('; ') || 0,
    troubles: troubles(scene.folder),
  })
  assert.deepEqual(account.lost.slice(0, 10), [])
  assert.deepEqual(account.wentBack, [])
  assert.equal(account.again, 0)
  assert.ok(moved <= MAX_OF_LEAST * least, `${moved} partitions moved, ${least} had to`)
})
