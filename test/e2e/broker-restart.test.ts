import assert from 'node:assert/strict'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { keepBacklog } from './harness/backlog.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling, quickSteps } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { slowHandler } from './harness/slow-handler.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const REPLICAS = 4
const BACKLOG = 3000
const LAG_PER_POD = 500
/** Of one record, milliseconds: 20 a second of each partition. */
const SLOWNESS = 50
/** Seconds that the lag has to be gone before pods go. */
const WINDOW = 15
/**
 * Seconds; more than twice that window. While nobody answers there, KEDA cannot make a client,
 * so it reports an error rather than its fallback, and the HPA keeps what it has: either is right.
 */
const OUTAGE = 40

scenario(
  'broker-restart',
  'the brokers are away: KEDA keeps the pods, they wait, and continue when the brokers are back',
  async (scene) => {
    const { kafka, namespace, release, values, watch, produce, drained, account } = scene
    const slow = mergeValues(mergeValues(values, slowHandler(SLOWNESS)), {
      // A maximum, so that their number is known.
      autoscaling: quickScaling({
        partitions: REPLICAS,
        lagPerPod: LAG_PER_POD,
        behavior: quickSteps(WINDOW),
      }),
    })
    await release.install(slow, '--wait', '--timeout', '120s')
    const endBacklog = await keepBacklog(scene, BACKLOG)
    const before = await scene.settled(REPLICAS, 120)
    await endBacklog()
    assert.ok(account.missing() > REPLICAS * LAG_PER_POD, 'the lag wants all the pods')

    const timeline = scene.timeline()
    await kafka.stop()
    const said = await until('KEDA to say that it cannot read the lag', OUTAGE, async () =>
      (await namespace.events()).find(({ reason }) => reason === 'KEDAScalerFailed'),
    )
    await sleep((OUTAGE - timeline.now()) * 1000)
    const during = [...timeline.moments]
    assert.ok(
      during.every(({ replicas }) => replicas >= REPLICAS),
      JSON.stringify(during),
    )
    await kafka.start()
    const returned = timeline.now()
    await until('all pods to be ready again', 120, () => scene.readyPods().length === REPLICAS)
    const recovered = timeline.now()
    const pods = watch.pods
    await produce({ count: 600, prefix: 'after' })
    await drained(300)
    const restarts = pods.map(({ status }) => status.containerStatuses?.[0]?.restartCount)
    const uids = pods.map(({ metadata }) => metadata.uid)
    const totals = account.totals()
    printFigures('broker restart', {
      'replicas before, during': `${REPLICAS}, ${during.map(({ replicas }) => replicas).join(' ')}`,
      'outage, s': returned.toFixed(1),
      'ready again after, s': (recovered - returned).toFixed(1),
      'KEDA says': said.message,
      ...recordFigures(totals),
    })
    assert.ok(before.every(({ metadata }) => uids.includes(metadata.uid)))
    assert.ok(restarts.every((count) => count === 0))
    assert.deepEqual(totals.lost, [])
  },
)
