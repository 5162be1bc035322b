import assert from 'node:assert/strict'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { recordTimeline } from './harness/timeline.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const REPLICAS = 4
const LAG = 4000
/** Seconds. Longer than KEDA's patience (3 tries, 5 s apart) and the window of the scale-down (30 s). */
const OUTAGE = 60

scenario(
  'broker-restart',
  'the brokers are away: KEDA keeps the pods, they wait, and go on when the brokers are back',
  async (scene) => {
    const { api, kafka, namespace, release, values, watch, produce, drained, account } = scene
    const held = mergeValues(values, {
      autoscaling: quickScaling({ partitions: PARTITIONS, lagPerPod: LAG / REPLICAS }),
      // Handled and not committed is lag: it stays for as long as the test needs it.
      config: { commit: { interval: '10m', everyRecords: 1_000_000 } },
    })
    await release.install(held, '--wait', '--timeout', '120s')
    const where = { namespace: namespace.name, deployment: release.fullName }
    await produce({ count: LAG, prefix: 'before' })
    // Joining pods make the others commit, so there is new lag to give.
    let more = 0
    await until(`${REPLICAS} pods with lag`, 150, async () => {
      if (scene.readyPods().length >= REPLICAS) return true
      if (account.missing() === 0) await produce({ count: 400, prefix: `more-${more++}` })
      return false
    })
    await drained(60)
    const before = await scene.settled(REPLICAS, 60)
    await produce({ count: LAG, prefix: 'held' })
    await drained(60)

    const timeline = recordTimeline(api, where)
    await kafka.stop()
    const path = `/apis/keda.sh/v1alpha1/namespaces/${namespace.name}/scaledobjects/${release.fullName}`
    await until('KEDA to fall back', OUTAGE, async () => {
      const { status } = await api.json<ScaledObject>(path)
      return status.conditions.some((it) => it.type === 'Fallback' && it.status === 'True')
    })
    await sleep((OUTAGE - timeline.now()) * 1000)
    const during = [...timeline.moments]
    assert.ok(
      during.every(({ replicas }) => replicas >= REPLICAS),
      JSON.stringify(during),
    )
    await kafka.start()
    const returned = timeline.now()
    await until('all pods to be ready again', 120, () => scene.readyPods().length >= REPLICAS)
    const recovered = timeline.now()
    await produce({ count: 1200, prefix: 'after' })
    await drained(120)
    const moments = await timeline.stop()
    const restarts = watch.pods.map(({ status }) => status.containerStatuses?.[0]?.restartCount)
    const still = watch.pods.map(({ metadata }) => metadata.uid)
    const totals = account.totals()
    printFigures('broker restart', {
      'replicas before, during': `${REPLICAS}, ${during.map(({ replicas }) => replicas).join(' ')}`,
      'outage, s': returned.toFixed(1),
      'ready again after, s': (recovered - returned).toFixed(1),
      moments: moments.length,
      ...recordFigures(totals),
    })
    assert.ok(before.every(({ metadata }) => still.includes(metadata.uid)))
    assert.ok(restarts.every((count) => count === 0))
    assert.deepEqual(totals.lost, [])
  },
)

interface ScaledObject {
  readonly status: {
    readonly conditions: ReadonlyArray<{ readonly type: string; readonly status: string }>
  }
}
