import assert from 'node:assert/strict'
import test from 'node:test'
import type { EmbeddedNode } from '../../../dev/kafka/cluster-types.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { printFigures } from '../support/accounting.ts'
import { createDelays, delayText, longer, NO_DELAY } from '../support/delays.ts'
import { openLedger, readHandlings, troubles } from '../support/ledger.ts'
import { startLoad } from '../support/load.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

/** Its session ends after three seconds, and so its leaders and its group are with others by then. */
const FROZEN = sizeOf('SECONDS', 10) * 1_000
/** What happens to the group while a node is away is of interest as well. */
const AFTER = 1_000

type Kind = 'restart' | 'kill -9' | 'freeze'

interface Step {
  readonly kind: Kind
  readonly from: number
  readonly to: number
  /** Partitions whose leader was not touched. */
  readonly others: ReadonlySet<number>
}

test('brokers are restarted, killed and frozen in turn under load: nothing is lost', async (t) => {
  const scene = await createScene(t, { nodes: 3, factor: 3 })
  const { kafka, topic } = scene
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  const services = [await scene.start(), await scene.start()]
  await Promise.all(services.map((service) => service.ready()))
  const load = startLoad(scene, { count: 5, every: 100, bytes: 500 })
  t.after(() => load.stop())
  const steps: Step[] = []

  async function step(kind: Kind, node: EmbeddedNode, act: () => Promise<void>): Promise<void> {
    await kafka.cluster.electPreferredLeaders(topic)
    const leaders = await kafka.cluster.leaders(topic)
    const others = [...leaders].filter(([, leader]) => leader !== node.id).map(([it]) => it)
    const from = Date.now()
    await act()
    steps.push({ kind, from, to: Date.now(), others: new Set(others) })
  }

  for (const node of kafka.nodes) {
    await step('restart', node, async () => {
      await node.stop()
      await node.start()
    })
  }
  for (const node of kafka.nodes) {
    await step('kill -9', node, async () => {
      await node.kill()
      await node.start()
    })
  }
  const [frozen] = kafka.nodes
  assert.ok(frozen)
  await step('freeze', frozen, async () => {
    frozen.freeze()
    await sleep(FROZEN)
    frozen.thaw()
    await sleep(AFTER)
  })
  await load.stop()
  await ledger.committedToTheEnd()
  for (const service of services) assert.equal(await service.terminate(), 0)

  const account = await ledger.account()
  const delays = createDelays(load.acked, readHandlings(scene.folder))
  const pause = (kind: Kind) =>
    steps
      .filter((each) => each.kind === kind)
      .map((each) => delays.longest(each.others, each))
      .reduce(longer, NO_DELAY)
  const everything = { from: 0, to: Number.POSITIVE_INFINITY }
  const all = new Set(Array.from({ length: scene.partitions }, (_, partition) => partition))
  printFigures('broker restarts', {
    'batches sent while a node was away': steps.map((it) => delays.count(it.others, it)).join(', '),
    committed: account.committed,
    'lost (goal 0)': account.lost.length,
    'handled again': `${account.again}, ${account.againAfterFence} of them after a fence`,
    'longest wait, leader alive, restart (goal < 1 s)': delayText(pause('restart')),
    'longest wait, leader alive, kill -9 (goal < 1 s)': delayText(pause('kill -9')),
    'longest wait, leader alive, freeze (goal < 1 s)': delayText(pause('freeze')),
    'longest wait of any': delayText(delays.longest(all, everything)),
    'offsets that went back (goal 0)': account.wentBack.join('; ') || 0,
    troubles: troubles(scene.folder),
  })
  assert.deepEqual(account.lost.slice(0, 10), [])
  assert.deepEqual(account.wentBack, [])
  assert.equal(account.again - account.againAfterFence, 0, 'repeated without a fence')
})
