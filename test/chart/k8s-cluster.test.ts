import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { readObjects, root } from '../../dev/k8s/chart.ts'
import { kustomize } from '../../dev/k8s/tools.ts'
import { createUndoStack } from '../../src/kernel/lifecycle.ts'
import { writeOverlay } from './tools/k8s-overlay.ts'

// On a real cluster, for which KUBECONFIG is set; with KEDA for the second one.

const overlays = join(root, 'k8s/overlays')
const skip = process.env['KUBECONFIG'] ? false : 'no KUBECONFIG is set'
const topic = 'solana.transfers'
const partitions = 3

/** What the tests in test/e2e use; loaded here only, as it wants a cluster. */
async function harness(t: TestContext, scenario: string) {
  const { connectApi } = await import('../e2e/harness/kubernetes/api.ts')
  const { createNamespace, showNamespace } = await import('../e2e/harness/kubernetes/namespace.ts')
  const { environment } = await import('../e2e/harness/environment.ts')
  const { startHostKafka } = await import('../e2e/harness/host/kafka.ts')
  const { until } = await import('../e2e/harness/waiting.ts')
  const undo = createUndoStack()
  t.after(async () => {
    for (const { name, error } of await undo.run()) console.error(`undo ${name}:`, error)
  })
  const api = await connectApi()
  undo.push('api', () => api.close())
  const namespace = await createNamespace(undo, api, scenario)
  const kinds = await namespace.kubectl(['api-resources', '--no-headers'])
  const known = new Set(kinds.split('\n').map((line) => line.trim().split(/\s+/).at(-1)))
  const unknown = ['ServiceMonitor'].filter((kind) => !known.has(kind))
  return { undo, namespace, environment, unknown, startHostKafka, until, showNamespace }
}

/** Patches that leave objects out whose kind this cluster does not have. */
const without = (kinds: readonly string[]) =>
  kinds.map((kind) => ({
    target: { kind },
    patch: stringify({ kind, metadata: { name: 'any' }, $patch: 'delete' }),
  }))

test('the API server takes every overlay as it is', { skip }, async (t) => {
  const { namespace, unknown } = await harness(t, 'overlays')
  for (const name of readdirSync(overlays)) {
    const further = { namespace: namespace.name, patches: without(unknown) }
    const folder = writeOverlay(t, { resources: [`overlays/${name}`], further })
    const answer = await namespace.kubectl([
      'apply',
      '--server-side',
      '--dry-run=server',
      '-k',
      folder,
    ])
    const taken = answer.trim().split('\n')
    assert.equal(taken.length, readObjects(kustomize(folder)).length, answer)
    // A policy that is only warned about would be printed here as well.
    for (const line of taken) assert.match(line, /serverside-applied \(server dry run\)$/)
  }
})

test('the production overlay consumes, scales and follows the partitions', { skip }, async (t) => {
  const it = await harness(t, 'kustomize')
  const { namespace, until } = it
  const { kafka, brokers } = await it.startHostKafka(it.undo)
  await kafka.tools.createTopic(topic, partitions)
  const { username, password } = kafka.credentials
  const { ca, clientCertificate, clientKey } = kafka.certificates
  const login = [`--from-literal=username=${username}`, `--from-literal=password=${password}`]
  const certificates = [`ca.crt=${ca}`, `tls.crt=${clientCertificate}`, `tls.key=${clientKey}`]
  const secret = ['create', 'secret', 'generic']
  await namespace.kubectl([...secret, 'kafka-user', ...login])
  const files = certificates.map((file) => `--from-file=${file}`)
  await namespace.kubectl([...secret, 'kafka-tls', ...files])

  const folder = writeOverlay(t, {
    resources: ['overlays/production'],
    config: configuration(brokers),
    further: {
      namespace: namespace.name,
      images: [{ name: 'registry.example.com/onchain-consumer', ...image(it.environment.image) }],
      patches: [
        ...without(it.unknown),
        { target: { kind: 'ScaledObject' }, patch: stringify(trigger(brokers)) },
        { patch: stringify(smallPod) },
      ],
    },
  })
  // Before the namespace goes: KEDA's finalizers would hold it up.
  it.undo.push('overlay', () => namespace.kubectl(['delete', '-k', folder]).then(() => {}))
  await namespace.kubectl(['apply', '-k', folder])
  try {
    const scaledObject = async () =>
      JSON.parse(await namespace.kubectl(['get', 'scaledobject', 'onchain-consumer', '-o', 'json']))
    await until('KEDA to read the lag with the Secrets', 90, async () => {
      const conditions: { type: string; status: string }[] =
        (await scaledObject()).status?.conditions ?? []
      return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    })
    await until('the two pods of minReplicaCount to be members of the group', 90, async () => {
      const status = await namespace.kubectl([
        'get',
        'deployment',
        'onchain-consumer',
        '-o',
        'json',
      ])
      return JSON.parse(status).status.readyReplicas === 2
    })
    await until('the maximum to become the number of partitions', 60, async () => {
      return (await scaledObject()).spec.maxReplicaCount === partitions
    })
  } catch (error) {
    await it.showNamespace(namespace.name)
    throw error
  }
})

/** The overlay's own, for the Kafka of this test. */
function configuration(brokers: string): string {
  const config = parse(readFileSync(join(overlays, 'production/config.yaml'), 'utf8'))
  config.kafka = { ...config.kafka, brokers: [brokers], sessionTimeout: '10s' }
  config.kubernetes.partitionSync.interval = '5s'
  return stringify(config)
}

const trigger = (brokers: string) => [
  { op: 'replace', path: '/spec/triggers/0/metadata/bootstrapServers', value: brokers },
]

/** No claim that many nodes can write, and little room. */
const smallPod = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'onchain-consumer' },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'consumer',
            imagePullPolicy: 'Never',
            resources: { requests: { cpu: '20m', memory: '96Mi' } },
          },
        ],
        volumes: [{ name: 'dead-letters', persistentVolumeClaim: null, emptyDir: {} }],
      },
    },
  },
}

function image(reference: string): { newName: string; newTag: string } {
  const [, newName = '', newTag = ''] = /^(.*):([^:/]+)$/.exec(reference) ?? []
  return { newName, newTag }
}
