import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '../support/waiting.ts'
import { useNamespace } from './room/cluster.ts'
import { pendingDeployment, scaledObject } from './room/objects.ts'

let pods: readonly string[] = []
const namespace = useNamespace(async ({ apply, kubectl }) => {
  await apply(pendingDeployment('consumer', 2), scaledObject('consumer', 'consumer', 2, 9))
  const names = ['get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}']
  await until(async () => {
    pods = (await kubectl(...names)).split(' ')
    return pods.length === 2
  }, 'two pods')
})

/** The service as a process that takes itself for that pod. Nobody answers at its broker. */
function service(t: TestContext, podName: string, over: Record<string, string> = {}): ChildProcess {
  const env = {
    PATH: process.env['PATH'],
    KUBECONFIG: process.env['KUBECONFIG'],
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    KAFKA_TOPICS: 'solana.transfers',
    KAFKA_GROUP_ID: 'room',
    HTTP_PORT: '0',
    POD_NAME: podName,
    POD_NAMESPACE: namespace.name,
    OCC_KUBERNETES_EVENTS_ENABLED: 'true',
    OCC_KUBERNETES_DELETION_COST_ENABLED: 'true',
    OCC_KUBERNETES_PARTITION_SYNC_ENABLED: 'true',
    OCC_KUBERNETES_PARTITION_SYNC_NAME: 'consumer',
    OCC_DEAD_LETTERS_FILE_FOLDER: `/tmp/letters-${namespace.name}-${podName}`,
    ...over,
  }
  const main = join(import.meta.dirname, '../../src/main.ts')
  const child = spawn(process.execPath, [main, 'run'], { env, stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  return child
}

const describePod = (pod: string) => namespace.kubectl('describe', 'pod', pod)
const holder = () =>
  namespace
    .kubectl('get', 'lease', 'onchain-consumer', '-o', 'jsonpath={.spec.holderIdentity}')
    .catch(() => '')

test('a service that cannot reach its broker says so on its pod, and leads until it is stopped', async (t) => {
  const [pod = ''] = pods
  const child = service(t, pod)
  await until(async () => (await holder()) === pod, 'it leads')
  await until(async () => {
    const text = await describePod(pod)
    return /NotReady .*127\.0\.0\.1:1.*no broker answers there\. Check kafka\.brokers/.test(text)
  }, 'the Event names the broker and the key')
  assert.match(await describePod(pod), /pod-deletion-cost: 0/)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(await holder(), '', 'the Lease is given up')
})

test('a service with a wrong configuration says on its pod which key, before it ends', async (t) => {
  const [, pod = ''] = pods
  const child = service(t, pod, { KAFKA_FETCH_MAX_WAIT_MS: 'soon' })
  assert.deepEqual(await once(child, 'exit'), [1, null])
  assert.match(await describePod(pod), /ConfigurationWrong [\s\S]*kafka\.fetch\.maxWait = "soon"/)
})
