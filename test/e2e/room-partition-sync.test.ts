import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubernetesOptions } from '../../src/kubernetes/index.ts'
import type { TargetKind } from '../../src/kubernetes/scaling/scale-target.ts'
import { progressOf } from '../support/group-progress.ts'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { pendingDeployment, podAutoscaler, scaledObject } from './room/objects.ts'
import { failures, LEASE, optionsIn, start } from './room/starting.ts'

const namespace = useNamespace()

const kinds = [
  { kind: 'ScaledObject', field: 'maxReplicaCount', objectOf: scaledObject },
  { kind: 'HorizontalPodAutoscaler', field: 'maxReplicas', objectOf: podAutoscaler },
] as const

function syncing(kind: TargetKind, name: string): KubernetesOptions {
  const partitionSync = { kind, name, interval: 100, membersPerPod: 1 }
  return optionsIn(namespace, { partitionSync, leaseName: `${LEASE}-${name}` })
}

function accountFor(kind: TargetKind, name: string) {
  const features = ['leader election', 'partition sync', `partition sync, \`${kind}\``]
  return namespace.account(
    documentedRules(features, {
      'kubernetes.leaseName': `${LEASE}-${name}`,
      'kubernetes.partitionSync.name': name,
    }),
  )
}

for (const { kind, field, objectOf } of kinds) {
  const name = kind.toLowerCase()
  const maximum = async () =>
    Number(await namespace.kubectl('get', kind, name, '-o', `jsonpath={.spec.${field}}`))

  test(`the maximum of a ${kind} follows the partitions, never below its minimum`, async (t) => {
    await namespace.apply(pendingDeployment(name, 0), objectOf(name, name, 2, 12))
    let progress = progressOf({ 'solana.transfers': 12 })
    const account = await accountFor(kind, name)
    const room = start(syncing(kind, name), account, { progress: () => progress })
    t.after(room.stop)

    progress = progressOf({ 'solana.transfers': 24 }, 2)
    await until(async () => (await maximum()) === 24, 'the maximum follows')
    await until(async () => {
      const text = await namespace.kubectl('describe', kind, name)
      return /MaximumChanged.*onchain-consumer.*12 -> 24.*solana\.transfers 24/.test(text)
    }, 'kubectl describe says so')

    // A topic that was recreated with fewer partitions: lowered only after three readings.
    progress = progressOf({ 'solana.transfers': 1 }, 3)
    const reading = setInterval(() => {
      progress = { ...progress, at: progress.at + 1 }
    }, 200)
    t.after(() => clearInterval(reading))
    await until(async () => (await maximum()) !== 24, 'the maximum follows down')
    assert.equal(await maximum(), 2)
    assert.deepEqual(failures(room), [])
  })
}

test('an object that is not there is one log line with the remedy, and counted; no more', async (t) => {
  const account = await accountFor('ScaledObject', 'missing')
  const room = start(syncing('ScaledObject', 'missing'), account, {
    progress: () => progressOf({ a: 3 }),
  })
  t.after(room.stop)
  await until(() => room.errors.length >= 3, 'three attempts')
  assert.equal(failures(room).length, 1)
  assert.match(failures(room).join(), /Partition sync: .*scaledobjects\/missing in namespace/)
  assert.match(failures(room).join(), /Remedy: check the name; kubectl get scaledobjects lists/)
  assert.deepEqual(new Set(room.errors), new Set(['OCC_KUBERNETES_NOT_FOUND']))

  await namespace.apply(pendingDeployment('missing', 0), scaledObject('missing', 'missing', 1, 2))
  const recovered = () => room.lines.some(({ fields }) => fields.event === 'kubernetes.recovered')
  await until(recovered, 'it works once the object is there')
})
