import assert from 'node:assert/strict'
import { suite } from 'node:test'
import { keepBacklog } from './harness/backlog.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const BACKLOG = 2000
/** Of one record: about 0.5 MB to decompress and parse. */
const WORK = 8

// They mostly wait for the cluster, so they do it at the same time.
suite('other triggers, each in a namespace of its own', { concurrency: true }, () => {
  scenario(
    'metrics-api',
    "KEDA's metrics-api trigger scales up by the service's own /scale",
    async ({ release, values, produce, drained, readyPods, account }) => {
      const asked = mergeValues(values, {
        autoscaling: quickScaling({
          trigger: 'metrics-api',
          partitions: PARTITIONS,
          lagPerPod: 1000,
        }),
        // Handled and not committed is lag, so the lag lasts.
        config: {
          commit: { interval: '10m', everyRecords: 1_000_000 },
          scaling: { interval: '2s' },
        },
      })
      // Before the first pod, so that no reading finds less: it would ask for fewer pods, and their
      // rebalance commits what is handled, which ends the lag.
      await produce({ count: 2500 })
      const began = performance.now()
      await release.install(asked, '--wait', '--timeout', '120s')
      await until('3 ready pods', 120, () => readyPods().length >= 3)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      await drained(60)
      const totals = account.totals()
      printFigures('metrics-api', {
        'seconds from install to 3 pods': seconds,
        ...recordFigures(totals),
      })
      assert.deepEqual(totals.lost, [])
    },
  )

  scenario('hpa', 'a HorizontalPodAutoscaler on CPU scales up, without KEDA', async (scene) => {
    const { api, release, values, drained, readyPods, account } = scene
    const { status } = await api.get('/apis/metrics.k8s.io/v1beta1/nodes')
    assert.equal(status, 200, 'the cluster has no metrics API: dev/e2e/metrics-server.sh makes one')
    const onCpu = mergeValues(values, {
      autoscaling: quickScaling({ mode: 'hpa', partitions: 3, hpa: { metric: 'cpu' } }),
      resources: { requests: { cpu: '50m' }, limits: { cpu: '150m' } },
    })
    await release.install(onCpu, '--wait', '--timeout', '120s')
    const began = performance.now()
    const endBacklog = await keepBacklog(scene, BACKLOG, { work: WORK })
    await until('a second ready pod', 180, () => readyPods().length >= 2)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    await endBacklog()
    await drained(300)
    const totals = account.totals()
    printFigures('hpa', { 'seconds to 2 pods': seconds, ...recordFigures(totals) })
    assert.deepEqual(totals.lost, [])
  })
})
