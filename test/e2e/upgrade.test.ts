import assert from 'node:assert/strict'
import { isReady } from './harness/kubernetes/objects.ts'
import { pauseFigures, printFigures, recordFigures } from './harness/print.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { freezeAndDelete, leaderOf, shareProcesses, signalInside } from './harness/trouble.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

const REPLICAS = 3
const RATE = 150

scenario(
  'upgrade',
  'helm upgrade, a pod deleted, kill -9, the leader killed, all under load: nothing is lost',
  async (scene) => {
    const { namespace, release, values, watch, http, produce, drained, settled, account } = scene
    const led = mergeValues(values, {
      replicaCount: REPLICAS,
      // The leader election runs for either of these.
      kubernetes: { events: { enabled: true } },
    })
    await release.install(led, '--wait', '--timeout', '120s')
    await shareProcesses(namespace, release.fullName)
    await settled(REPLICAS, 120)

    const ended = new AbortController()
    const load = produce({ count: Infinity, rate: RATE, signal: ended.signal })
    /** Every partition has one owner again, and records of all of them flow. */
    const working = async (what: string) => {
      const pods = await settled(REPLICAS, 120)
      await until(`the partitions to be owned after ${what}`, 90, async () => {
        const reports = await Promise.all(pods.map(({ metadata }) => http.lag(metadata.name)))
        return reports.reduce((sum, { totals }) => sum + totals.partitions, 0) === PARTITIONS
      })
      const mark = account.missing()
      await until(`records to flow after ${what}`, 90, () => account.missing() <= mark + RATE)
      return pods
    }
    const first = await working('the start')

    const upgrading = Date.now()
    const changed = mergeValues(led, { config: { commit: { interval: '500ms' } } })
    await release.upgrade(changed, '--wait', '--timeout', '180s')
    const second = await working('helm upgrade')
    const upgraded = Date.now()
    const names = new Set(first.map(({ metadata }) => metadata.name))
    assert.ok(
      second.every(({ metadata }) => !names.has(metadata.name)),
      'all pods are new',
    )

    const [deleted, killed] = second
    assert.ok(deleted && killed)
    await namespace.kubectl(['delete', 'pod', deleted.metadata.name])
    await working('a pod was deleted')
    const gracefully = account.totals()
    const graceful = Date.now()
    const flaps = watch.flaps

    await signalInside(namespace, killed.metadata.name, 'SIGKILL')
    await until('the container to be restarted', 60, () =>
      watch.pods.some(
        (pod) =>
          pod.metadata.name === killed.metadata.name &&
          isReady(pod) &&
          pod.status.containerStatuses?.[0]?.restartCount === 1,
      ),
    )
    await working('kill -9')

    const leader = await until('a leader', 30, () => leaderOf(scene))
    const began = performance.now()
    await freezeAndDelete(namespace, leader)
    const next = await until('another leader', 60, async () => {
      const holder = await leaderOf(scene)
      return holder !== leader && holder
    })
    const handover = ((performance.now() - began) / 1000).toFixed(1)
    assert.ok(watch.pods.some(({ metadata }) => metadata.name === next))
    await working('the leader was killed')

    ended.abort()
    await load
    await drained(90)
    const totals = account.totals()
    printFigures('upgrade', {
      rebalances: account.generations().size,
      ...pauseFigures('of helm upgrade', account.pauses(upgrading, upgraded)),
      ...pauseFigures('of a deleted pod', account.pauses(upgraded, graceful)),
      'ready pods that were not for a while, until then': flaps,
      'handled twice until then': gracefully.repeated,
      'longest pause of kill -9 and a frozen pod': `${account.pauses(graceful).moved.milliseconds} ms`,
      'seconds until the Lease was handed over': handover,
      ...recordFigures(totals),
    })
    assert.deepEqual(totals.lost, [])
    assert.equal(gracefully.repeated, 0)
  },
)
