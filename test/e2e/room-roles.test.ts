import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesOptions } from '../../src/kubernetes/index.ts'
import { progressOf } from '../support/group-progress.ts'
import { partitionStatus } from '../support/status.ts'
import { until } from '../support/waiting.ts'
import { type Rule, useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { pendingDeployment, podAutoscaler, scaledObject } from './room/objects.ts'
import { failures, optionsIn, realClock, start, type TurnableClock } from './room/starting.ts'

let podName = ''
const namespace = useNamespace(async ({ apply, kubectl }) => {
  await apply(
    pendingDeployment('consumer', 1),
    scaledObject('scaled-object', 'consumer', 1, 5),
    pendingDeployment('other', 0),
    podAutoscaler('hpa', 'other', 1, 5),
  )
  const names = ['get', 'pods', '-l', 'app=consumer', '-o', 'jsonpath={.items[*].metadata.name}']
  await until(async () => {
    podName = await kubectl(...names)
    return podName !== ''
  }, 'a pod')
})

/** One that uses every right of its feature within seconds. */
interface Feature {
  readonly rules: readonly string[]
  readonly options: Partial<KubernetesOptions>
  /** Milliseconds that the clock is turned at each look, for what is done every ten minutes. */
  readonly forward?: number
}

let count = 0
const features: Readonly<Record<string, Feature>> = {
  'partition sync of a ScaledObject': {
    rules: ['leader election', 'partition sync', 'partition sync, `ScaledObject`'],
    options: { partitionSync: { ...syncOf('ScaledObject'), name: 'scaled-object' } },
  },
  'partition sync of an HPA': {
    rules: ['leader election', 'partition sync', 'partition sync, `HorizontalPodAutoscaler`'],
    options: { partitionSync: { ...syncOf('HorizontalPodAutoscaler'), name: 'hpa' } },
  },
  'scaling hold': {
    rules: ['leader election', 'partition sync', 'partition sync, `ScaledObject`', 'scaling hold'],
    options: { scalingHold: { name: 'scaled-object', interval: 100 } },
  },
  Events: {
    rules: ['leader election', 'Events'],
    options: { events: { certificateWarning: 0 } },
    forward: 5_000,
  },
  'pod deletion cost': {
    rules: ['pod deletion cost'],
    options: { deletionCost: { interval: 100 } },
  },
}

function syncOf<const Kind extends string>(kind: Kind) {
  return { kind, interval: 100, membersPerPod: 1 }
}

/** Runs the feature as an account with these rules; each run has a Lease and changes of its own. */
async function running(feature: Feature, rulesFor: (lease: string) => readonly Rule[]) {
  count += 1
  const leaseName = `lease-${count}`
  const account = await namespace.account(rulesFor(leaseName))
  const clock = realClock()
  let looks = 0
  const room = start(
    optionsIn(namespace, { podName, leaseName, leaseDuration: 1_000, ...feature.options }),
    account,
    {
      // Each look finds other partitions and another state, so that each right is needed.
      progress: () => progressOf({ topic: 100 * count + looks++ }),
      readiness: () => {
        looks += 1
        return { ready: false, reasons: ['the broker is away'] }
      },
      // Seldom enough that the reason is gone for an interval in between.
      hold: () => (Math.floor(looks++ / 8) % 2 === 0 ? 'an operator has paused topic' : null),
      partitions: () => Array.from({ length: looks++ % 7 }, () => partitionStatus()),
    },
    clock,
  )
  return { room, clock, looks: () => looks }
}

const rulesOf = (feature: Feature, lease: string): Rule[] => {
  const name = feature.options.partitionSync?.name ?? feature.options.scalingHold?.name ?? ''
  const names = { 'kubernetes.leaseName': lease, 'kubernetes.partitionSync.name': name }
  return documentedRules(feature.rules, names)
}

for (const [name, feature] of Object.entries(features)) {
  const verbs = rulesOf(feature, 'lease').flatMap((rule, index) =>
    rule.verbs.map((verb) => ({ index, verb, resource: rule.resources.join() })),
  )

  /** Time passes with each look, so these are as close together as the room's own. */
  const looking = (clock: TurnableClock, holds: () => boolean, what: string | (() => string)) =>
    until(
      () => {
        clock.forward(feature.forward ?? 0)
        return holds()
      },
      what,
      60_000,
      20,
    )

  test(`${name}: what docs/kubernetes.md lists is enough`, async (t) => {
    const { room, clock, looks } = await running(feature, (lease) => rulesOf(feature, lease))
    t.after(room.stop)
    // The third look at what lasts is the first that repeats an Event.
    const enough = feature.options.events === undefined ? 20 : 4
    await looking(clock, () => looks() >= enough, 'it has run for a while')
    assert.deepEqual(failures(room), [])
  })

  test(`${name}: each right is needed, and which is missing is said`, async (t) => {
    for (const { index, verb, resource } of verbs) {
      const { room, clock } = await running(feature, (lease) =>
        rulesOf(feature, lease)
          .map((rule, at) =>
            at === index ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
          )
          .filter((rule) => rule.verbs.length > 0),
      )
      t.after(room.stop)
      const said = new RegExp(`not allowed.*resources: \\[${resource}\\].*verbs: \\[${verb}\\]`)
      const lines = () => failures(room).join('\n') || 'nothing'
      await looking(
        clock,
        () => failures(room).some((text) => said.test(text)),
        () => `${verb} ${resource} is missed; said was: ${lines()}`,
      )
      await room.stop()
    }
  })
}
