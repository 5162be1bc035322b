import assert from 'node:assert/strict'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { keepBacklog } from './harness/backlog.ts'
import { pauseFigures, printFigures, printTimeline, recordFigures } from './harness/print.ts'
import { quickScaling, quickSteps } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { slowHandler } from './harness/slow-handler.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

/** Of one record, milliseconds: 25 a second of each partition. */
const SLOWNESS = 40
/** Kept up for as long as pods are to come, and little more: it has to be gone before they go. */
const BACKLOG = 3500
/** While it scales down: each partition still has some records a second. */
const QUIET = 96
const LAG_PER_POD = 200
/** Seconds that the lag has to be gone before pods go. */
const WINDOW = 15
/** Milliseconds with all pods: what the machine itself makes of pauses. */
const STANDING = 8000

scenario(
  'scaling',
  'under load from 1 to 12 pods, each with one partition, and back; nothing is lost or handled twice',
  async (scene) => {
    const { release, values, http, watch, account, produce, drained, settled } = scene
    const scaled = mergeValues(mergeValues(values, slowHandler(SLOWNESS)), {
      autoscaling: quickScaling({
        partitions: PARTITIONS,
        lagPerPod: LAG_PER_POD,
        behavior: quickSteps(WINDOW),
      }),
    })
    await release.install(scaled, '--wait', '--timeout', '120s')
    const timeline = scene.timeline()
    await settled(1, 60)
    const generationsBefore = account.generations().size

    const begun = Date.now()
    const beganAt = timeline.now()
    const endBacklog = await keepBacklog(scene, BACKLOG)
    const pods = await settled(PARTITIONS, 240)
    const allReady = timeline.now()
    const owned = await until('every pod to own one partition', 60, async () => {
      const reports = await Promise.all(pods.map(({ metadata }) => http.lag(metadata.name)))
      const partitions = reports.flatMap(({ partitions }) => partitions.map((p) => p.partition))
      const each = reports.every(({ totals }) => totals.partitions === 1)
      return each && new Set(partitions).size === PARTITIONS && partitions
    })
    const allOwned = timeline.now()
    const up = Date.now()
    const owners = account.handledCounts()
    await until('every pod to handle records', 60, () =>
      pods.every(({ metadata: { name } }) => account.handledBy(name) > (owners.get(name) ?? 0)),
    )
    await sleep(STANDING)
    const stood = Date.now()
    const rebalancesUp = account.generations().size - generationsBefore

    const ended = new AbortController()
    const { signal } = ended
    const quiet = produce({ count: Infinity, rate: QUIET, prefix: 'quiet', signal })
    await endBacklog()
    await settled(1, 300)
    const backToOne = timeline.now()
    const [last] = watch.pods
    assert.ok(last)
    await until('the last pod to own all partitions', 60, async () => {
      const { totals } = await http.lag(last.metadata.name)
      return totals.partitions === PARTITIONS
    })
    ended.abort()
    await quiet
    await drained(120)
    const totals = account.totals()
    printTimeline(timeline.moments)
    printFigures('scaling', {
      'load to 12 pods ready, s': (allReady - beganAt).toFixed(1),
      'load to each owning one partition, s': (allOwned - beganAt).toFixed(1),
      'back to 1 pod, s': backToOne,
      'rebalances up': rebalancesUp,
      'rebalances down': account.generations().size - generationsBefore - rebalancesUp,
      ...pauseFigures('up', account.pauses(begun, up)),
      'longest pause while nothing moved': `${account.pauses(up, stood).stayed.milliseconds} ms`,
      ...pauseFigures('down', account.pauses(stood)),
      'ready pods that were not for a while': watch.flaps,
      ...recordFigures(totals),
    })
    assert.equal(owned.length, PARTITIONS)
    assert.deepEqual(totals.lost, [])
    assert.equal(totals.repeated, 0)
  },
)
