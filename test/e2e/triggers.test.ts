import assert from 'node:assert/strict'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

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
      config: { commit: { interval: '60s', everyRecords: 1_000_000 }, scaling: { interval: '2s' } },
    })
    await release.install(asked, '--wait', '--timeout', '120s')
    const began = performance.now()
    await produce({ count: 2500 })
    await until('3 ready pods', 120, () => readyPods().length >= 3)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    await drained(60)
    const totals = account.totals()
    printFigures('metrics-api', { 'seconds to 3 pods': seconds, ...recordFigures(totals) })
    assert.deepEqual(totals.lost, [])
  },
)
