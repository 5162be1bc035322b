import assert from 'node:assert/strict'
import test from 'node:test'
import { loadEnv, MIN, problemsOf, textOf } from './support.ts'

const POD = { POD_NAME: 'consumer-1', POD_NAMESPACE: 'streams' }

test('a feature that needs the name of its pod names the missing variable, and how to set it', () => {
  const result = loadEnv({ ...MIN, OCC_KUBERNETES_DELETION_COST_ENABLED: 'true' })
  assert.equal(problemsOf(result).length, 2)
  assert.match(textOf(result), /kubernetes\.podName\n.*is missing.*deletionCost\.enabled is true/)
  assert.match(
    textOf(result),
    /POD_NAMESPACE in the pod from the downward API .*metadata\.namespace/,
  )
})

test('with every feature off, nothing of the pod is asked for', () => {
  const result = loadEnv(MIN)
  assert.ok(result.ok)
  assert.equal(result.config.kubernetes.podName, undefined)
})

test('the partition sync needs the object whose maximum it maintains', () => {
  const env = { ...MIN, ...POD, OCC_KUBERNETES_PARTITION_SYNC_ENABLED: 'true' }
  const found = problemsOf(loadEnv(env))
  assert.equal(found.length, 1)
  assert.match(textOf(loadEnv(env)), /partitionSync\.name\n.*is missing.*\n.*name the ScaledObject/)
  assert.ok(loadEnv({ ...env, OCC_KUBERNETES_PARTITION_SYNC_NAME: 'consumer' }).ok)
})

test('the scaling hold needs a ScaledObject that the partition sync maintains', () => {
  const env = { ...MIN, ...POD, OCC_KUBERNETES_SCALING_HOLD_ENABLED: 'true' }
  assert.match(
    textOf(loadEnv(env)),
    /scalingHold\.enabled[\s\S]*partition sync maintains no ScaledObject/,
  )
  const sync = {
    ...env,
    OCC_KUBERNETES_PARTITION_SYNC_ENABLED: 'true',
    OCC_KUBERNETES_PARTITION_SYNC_NAME: 'consumer',
  }
  assert.ok(loadEnv(sync).ok)
  const hpa = { ...sync, OCC_KUBERNETES_PARTITION_SYNC_KIND: 'HorizontalPodAutoscaler' }
  assert.equal(problemsOf(loadEnv(hpa)).length, 1)
})

test('switches are true or false, in the file and in the environment; anything else is told', () => {
  const result = loadEnv({ ...MIN, ...POD, OCC_KUBERNETES_EVENTS_ENABLED: 'true' })
  assert.ok(result.ok)
  assert.equal(result.config.kubernetes.events.enabled, true)
  const wrong = loadEnv({ ...MIN, OCC_KUBERNETES_EVENTS_ENABLED: 'yes' })
  assert.match(textOf(wrong), /events\.enabled = "yes"[\s\S]*write true or false/)
})

test('a name that Kubernetes would refuse is refused before anything starts', () => {
  const env = { ...MIN, OCC_KUBERNETES_LEASE_NAME: 'My_Lease' }
  assert.match(
    problemsOf(loadEnv(env)).join(),
    /leaseName: is not a valid name of a Kubernetes object/,
  )
})
