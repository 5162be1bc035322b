import assert from 'node:assert/strict'
import { printFigures, printTimeline, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const BACKLOG = 50_000
const RATE = 200
/** Of one record: about 0.5 MB to decompress and parse. */
const WORK = 8

scenario(
  'scaling',
  'a backlog scales 1 to 12 pods, each with one partition, and back; nothing is lost',
  async (scene) => {
    const { release, values, http, watch, account, produce, drained, settled } = scene
    const slow = mergeValues(values, {
      autoscaling: quickScaling({ partitions: PARTITIONS, lagPerPod: 1000 }),
      // Little CPU makes the backlog last until all pods are there.
      resources: { limits: { cpu: '120m' } },
    })
    await release.install(slow, '--wait', '--timeout', '120s')
    const timeline = scene.timeline()
    await settled(1, 10)
    const generationsBefore = account.generations().size
    const firstReady = timeline.now()

    await produce({ count: BACKLOG, work: WORK })
    const ended = new AbortController()
    const live = produce({
      count: Infinity,
      rate: RATE,
      work: WORK,
      prefix: 'live',
      signal: ended.signal,
    })
    const pods = await settled(PARTITIONS, 240)
    const allReady = timeline.now()
    const owned = await until('every pod to own one partition', 60, async () => {
      const reports = await Promise.all(pods.map(({ metadata }) => http.lag(metadata.name)))
      const partitions = reports.flatMap(({ partitions }) => partitions.map((p) => p.partition))
      const each = reports.every(({ totals }) => totals.partitions === 1)
      return each && new Set(partitions).size === PARTITIONS && partitions
    })
    const allOwned = timeline.now()
    const owners = account.handledCounts()
    await until('every pod to handle records', 60, () =>
      pods.every(({ metadata: { name } }) => account.handledBy(name) > (owners.get(name) ?? 0)),
    )
    ended.abort()
    await live
    await drained(300)
    const drainedAt = timeline.now()
    const pause = account.longestPause()
    const rebalancesUp = account.generations().size - generationsBefore

    await settled(1, 240)
    const backToOne = timeline.now()
    const [last] = watch.pods
    assert.ok(last)
    await until('the last pod to own all partitions', 60, async () => {
      const { totals } = await http.lag(last.metadata.name)
      return totals.partitions === PARTITIONS && totals.lag === 0
    })
    const totals = account.totals()
    printTimeline(timeline.moments)
    printFigures('scaling', {
      'first pod ready, s': firstReady,
      '12 pods ready, s': allReady,
      'each owns one partition, s': allOwned,
      'drained, s': drainedAt,
      'back to 1 pod, s': backToOne,
      'rebalances up': rebalancesUp,
      'rebalances down': account.generations().size - generationsBefore - rebalancesUp,
      'longest pause of a partition': `${pause.milliseconds} ms (${pause.partition})`,
      ...recordFigures(totals),
    })
    assert.equal(owned.length, PARTITIONS)
    assert.deepEqual(totals.lost, [])
  },
)
