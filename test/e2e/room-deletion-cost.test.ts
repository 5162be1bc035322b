import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionStatus } from '../support/status.ts'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { pendingDeployment } from './room/objects.ts'
import { failures, optionsIn, start } from './room/starting.ts'

const namespace = useNamespace()
const noNames = { 'kubernetes.leaseName': '', 'kubernetes.partitionSync.name': '' }

async function podsOf(app: string): Promise<string[]> {
  const names = ['get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].metadata.name}']
  return (await namespace.kubectl(...names)).split(' ').filter((name) => name !== '')
}

test('a scale-down takes the pod with the fewest partitions, and of two the one with less lag', async (t) => {
  await namespace.apply(pendingDeployment('consumer', 3))
  await until(async () => (await podsOf('consumer')).length === 3, 'three pods')
  const [idle = '', behind = '', busy = ''] = await podsOf('consumer')
  const account = await namespace.account(documentedRules(['pod deletion cost'], noNames))
  const work = {
    [idle]: [partitionStatus({ lag: 0 })],
    [behind]: [partitionStatus({ lag: 50_000 })],
    [busy]: [partitionStatus({ lag: 0 }), partitionStatus({ partition: 1, lag: 0 })],
  }
  for (const [podName, partitions] of Object.entries(work)) {
    const options = optionsIn(namespace, { podName, deletionCost: { interval: 100 } })
    const room = start(options, account, { partitions: () => partitions })
    t.after(room.stop)
    t.after(() => assert.deepEqual(failures(room), []))
  }
  const path = 'jsonpath={.metadata.annotations.controller\\.kubernetes\\.io/pod-deletion-cost}'
  const costs = () =>
    Promise.all([idle, behind, busy].map((pod) => namespace.kubectl('get', 'pod', pod, '-o', path)))
  await until(async () => (await costs()).join() === '100,105,200', 'each pod has its cost')

  await namespace.kubectl('scale', 'deployment/consumer', '--replicas=2')
  await until(async () => (await podsOf('consumer')).length === 2, 'one pod goes')
  assert.deepEqual(await podsOf('consumer'), [behind, busy])
  await namespace.kubectl('scale', 'deployment/consumer', '--replicas=1')
  await until(async () => (await podsOf('consumer')).length === 1, 'another pod goes')
  assert.deepEqual(await podsOf('consumer'), [busy])
})
