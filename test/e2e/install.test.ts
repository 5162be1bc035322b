import assert from 'node:assert/strict'
import { startChromium } from '../../dev/browser/chromium.ts'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'
import type { Overview } from '../../src/observe/overview/types.ts'
import { tryCommand } from './harness/command.ts'
import { environment } from './harness/environment.ts'
import { portForward } from './harness/kubernetes/port-forward.ts'
import { printFigures, recordFigures } from './harness/print.ts'
import { quickScaling } from './harness/scaling-values.ts'
import { scenario } from './harness/scenario.ts'
import { PARTITIONS } from './harness/scene.ts'
import { mergeValues } from './harness/values.ts'
import { until } from './harness/waiting.ts'

/** Of a machine that does nothing else. */
const GOAL_SECONDS = 60

scenario(
  'install',
  'installed, ready, tested, looked at, and gone without a trace',
  async (scene) => {
    const { namespace, release, values, http, watch, settled, produce, drained, account } = scene
    // Everything that makes objects is on, so that everything has to go again.
    const everything = mergeValues(values, {
      autoscaling: quickScaling({ partitions: PARTITIONS, lagPerPod: 100_000 }),
      kubernetes: {
        partitionSync: { enabled: true },
        events: { enabled: true },
        deletionCost: { enabled: true },
      },
    })
    const began = performance.now()
    const notes = await release.install(everything, '--wait', '--timeout', '180s')
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    const [pod] = await settled(1, 30)
    assert.ok(pod)
    const { name } = pod.metadata
    assert.match(notes, new RegExp(`-n ${namespace.name}|--namespace ${namespace.name}`))

    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const { status, body } = await http.get(name, path)
      assert.equal(status, 200, `${path}: ${body}`)
    }
    await produce({ count: 1200 })
    await drained(60)
    // A record is logged before it counts as handled.
    await until('all of them to be counted', 30, async () => {
      return (await http.metric(name, 'onchain_consumer_handled_records_total')) === 1200
    })
    const forwarded = await portForward(
      scene.undo,
      namespace.name,
      `deployment/${release.fullName}`,
    )
    await pageSays(scene.undo, `${forwarded}/`, 'Keeping up: nothing waits')
    const status = await fetch(`${forwarded}/api/v1/status`)
    const { sentence, service } = (await status.json()) as Overview
    assert.deepEqual([sentence.name, service.pod], ['keeping-up', name])
    const tested = await release.test()
    assert.match(tested, /Phase:\s+Succeeded/)
    assert.match(tested, /onchain_consumer_ready is 1/)

    assert.match(await privilegedPod(namespace.name), /violates PodSecurity "restricted/)

    await until('the Lease of the leader', 30, async () =>
      (await namespace.contents()).some((object) => object.startsWith('lease.')),
    )
    await release.uninstall()
    await until('nothing to be left', 90, async () => {
      const left = await namespace.contents()
      // The test's own.
      const foreign = ['secret/stream-login', 'secret/stream-certificates']
      const remaining = left.filter((object) => !foreign.includes(object))
      if (remaining.length > 0) throw new Error(`still there: ${remaining.join(', ')}`)
      return true
    })
    await until('the last pod to be gone', 30, () => watch.pods.length === 0)
    printFigures('install', {
      'seconds to ready': `${seconds}, the goal is ${GOAL_SECONDS}`,
      ...recordFigures(account.totals()),
    })
  },
)

/** The page, in a browser and live, begins with this. */
async function pageSays(undo: UndoStack, url: string, text: string): Promise<void> {
  const browser = await startChromium()
  undo.push('browser', () => browser.close())
  const page = await browser.newPage()
  await page.goto(url)
  await page.locator('#live.on').waitFor()
  await page.locator('#sentence h1', { hasText: text }).waitFor()
}

/** What the API server says to a pod that asks for more than `restricted` allows. */
async function privilegedPod(namespace: string): Promise<string> {
  const run = ['run', 'privileged', '--image', environment.image, '--privileged']
  const { code, stderr } = await tryCommand(environment.kubectl, ['-n', namespace, ...run])
  assert.notEqual(code, 0)
  return stderr
}
