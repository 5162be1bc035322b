import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { sayFatal } from '../../src/kubernetes/events/fatal-event.ts'
import { createEventRecorder } from '../../src/kubernetes/events/recorder.ts'
import { createEventWatch, type EventSources } from '../../src/kubernetes/events/watch.ts'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { documentedRules } from './room/documented-rules.ts'
import { pendingDeployment } from './room/objects.ts'
import { clientOf, LEASE, quietSources, realClock } from './room/starting.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let pods: readonly string[] = []
const namespace = useNamespace(async ({ apply, kubectl }) => {
  await apply(pendingDeployment('consumer', 5))
  const names = ['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}']
  await until(async () => {
    pods = (await kubectl(...names)).split(' ')
    return pods.length === 5
  }, 'five pods')
})

/** One look at the sources as that pod does it, with exactly the documented rights. */
async function watching(podName: string, sources: Partial<EventSources>, isLeader = true) {
  const names = { 'kubernetes.leaseName': LEASE, 'kubernetes.partitionSync.name': '' }
  const rules = documentedRules(['leader election', 'Events'], names)
  const api = await clientOf(namespace, await namespace.account(rules))
  const clock = realClock()
  const look = createEventWatch(
    { podName, certificateWarning: 14 * DAY },
    {
      api,
      recorder: createEventRecorder(api, podName, clock),
      isLeader: () => isLeader,
      sources: { ...quietSources, ...sources },
      clock,
    },
  )
  return { look, clock, api }
}

const describePod = (pod: string) => namespace.kubectl('describe', 'pod', pod)
const describeDeployment = () => namespace.kubectl('describe', 'deployment', 'consumer')
const linesWith = (text: string, reason: string) =>
  text.split('\n').filter((line) => line.includes(reason))

test('kubectl describe says why a pod is not ready, how long that lasts, and that it is over', async (t) => {
  const [pod = ''] = pods
  let reasons = ['member consumer-0 is connecting: the broker refused the user name or password']
  const readiness = () => ({ ready: reasons.length === 0, reasons })
  const { look, clock, api } = await watching(pod, { readiness })
  t.after(() => api.close())
  await look()
  assert.deepEqual(linesWith(await describePod(pod), 'NotReady'), [], 'no Event while it starts')
  clock.forward(31_000)
  await look()
  await look()
  const line = /Warning +NotReady +.*onchain-consumer +member consumer-0 .*refused the user name/
  assert.match(await describePod(pod), line)
  assert.equal(linesWith(await describePod(pod), 'NotReady').length, 1)

  clock.forward(11 * MINUTE)
  await look()
  const [again = '', ...more] = linesWith(await describePod(pod), 'NotReady')
  assert.match(again, /\(x2 over /, 'the same Event, counted')
  assert.deepEqual(more, [])

  reasons = []
  await look()
  assert.match(await describePod(pod), /Normal +ReadyAgain .*Ready again after \d+ s/)
})

test('advice about the group stands on the Deployment, and only the leader gives it', async (t) => {
  const [, leader = '', other = ''] = pods
  const advice: EventSources['advice'] = () => [
    { kind: 'add-partitions', text: 'All 12 partitions have a pod and the lag of 70000 grows.' },
    { kind: 'raise-concurrency', text: 'The handlers wait: CPU is at 20 %.' },
  ]
  const follows = await watching(other, { advice }, false)
  t.after(() => follows.api.close())
  await follows.look()
  assert.deepEqual(linesWith(await describeDeployment(), 'AddPartitions'), [])
  assert.match(await describePod(other), /Normal +RaiseConcurrency .*CPU is at 20 %/)

  const leads = await watching(leader, { advice }, true)
  t.after(() => leads.api.close())
  await leads.look()
  await leads.look()
  assert.match(await describeDeployment(), /Warning +AddPartitions .*All 12 partitions have a pod/)
  assert.equal(linesWith(await describeDeployment(), 'AddPartitions').length, 1)
})

test('a certificate is warned of before it ends and when it has', async (t) => {
  const [, , , pod = ''] = pods
  const now = Date.now()
  const certificates: EventSources['certificates'] = () => [
    { name: 'client', subject: 'CN=bot', notAfter: now + 3.5 * DAY },
    { name: 'ca', subject: 'CN=fresh', notAfter: now + 300 * DAY },
  ]
  const { look, clock, api } = await watching(pod, { certificates })
  t.after(() => api.close())
  await look()
  assert.match(
    await describePod(pod),
    /Warning +CertificateExpiring .*client certificate CN=bot expires in 3 days/,
  )
  assert.doesNotMatch(await describePod(pod), /CN=fresh/)
  clock.forward(4 * DAY)
  await look()
  assert.match(await describePod(pod), /Warning +CertificateExpired .*CN=bot expired at 20/)
})

test('last words are on the pod; without an API server the end waits for nothing', async () => {
  const [, , , , pod = ''] = pods
  const { KUBECONFIG } = process.env
  const podNamespace = namespace.name
  const text = `1 problem in the configuration:\n\n  kafka.topics is missing ${'ü'.repeat(600)}`
  await sayFatal('ConfigurationWrong', text, { podName: pod, podNamespace, env: { KUBECONFIG } })
  assert.match(await describePod(pod), /Warning +ConfigurationWrong .*1 problem in the config/)

  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' }
  await sayFatal('ServiceFailed', 'gone', { podName: pod, podNamespace, env })
})

test('an Event whose object Kubernetes has deleted by now is written again', async () => {
  const [pod = ''] = pods
  const recorder = createEventRecorder(namespace.admin, pod, systemClock)
  const regarding = { apiVersion: 'v1', kind: 'Pod', name: pod, uid: 'of-another-pod' }
  const event = { regarding, type: 'Normal', reason: 'Test', action: 'Test', note: 'n' } as const
  const first = await recorder.record(event)
  await namespace.kubectl('delete', 'event', first.name)
  const second = await recorder.repeat(first)
  assert.notEqual(second.name, first.name)
  assert.match(await namespace.kubectl('get', 'event', second.name), new RegExp(`pod/${pod}`))
})
