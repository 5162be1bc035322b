import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { readObjects, renderChart, root } from '../../dev/k8s/chart.ts'
import { isConfiguration } from '../../dev/k8s/configuration.ts'
import { patchBetween } from '../../dev/k8s/difference.ts'
import { generate } from '../../dev/k8s/generate.ts'
import { components, valueFiles } from '../../dev/k8s/layout.ts'
import { comparable } from '../../dev/k8s/same.ts'
import { stale } from '../../dev/k8s/stale.ts'
import { kustomize } from '../../dev/k8s/tools.ts'
import { isTree, type KubernetesObject } from '../../dev/k8s/types.ts'
import { loadConfig } from '../../src/config/load/load.ts'
import { writeOverlay } from './tools/k8s-overlay.ts'

const k8s = join(root, 'k8s')
const overlays = readdirSync(join(k8s, 'overlays'))
const built = new Map<string, readonly KubernetesObject[]>()
function overlay(name: string): readonly KubernetesObject[] {
  const objects = built.get(name) ?? readObjects(kustomize(join(k8s, 'overlays', name)))
  built.set(name, objects)
  return objects
}

test('k8s/ is what the chart renders', () => {
  assert.deepEqual(stale(generate()), [], 'run `npm run k8s`')
})

test('the production overlay equals the chart with the production values', () => {
  const chart = renderChart(['k8s/production-values.yaml'], 'onchain-consumer')
  assert.deepEqual(comparable(overlay('production')), comparable(chart))
})

for (const { name, over } of components) {
  test(`base and component ${name} equal the chart with the component's values`, (t) => {
    const names = [...over, name]
    const chart = renderChart(valueFiles(names))
    const composed = compose(t, names, chart)
    assert.deepEqual(comparable(composed), comparable(chart))
  })
}

for (const name of overlays) {
  test(`config.yaml of the overlay ${name} is one the service takes, with every file mounted`, () => {
    const file = join(k8s, 'overlays', name, 'config.yaml')
    const loaded = loadConfig({ file, env: { POD_NAME: 'any', POD_NAMESPACE: 'any' } })
    const mounts = mountsOf(overlay(name))
    const problems = loaded.ok ? [] : loaded.problems
    const unexplained = problems.filter(({ message, value = '' }) => {
      const path: unknown = /does not exist/.test(message) ? JSON.parse(value) : ''
      return !mounts.some((mount) => String(path).startsWith(`${mount}/`))
    })
    assert.deepEqual(unexplained, [])
  })

  test(`pods of the overlay ${name} find each other, whatever its namespace`, () => {
    const { http } = parse(configText(overlay(name)))
    const headless = overlay(name).filter(
      ({ kind, ['spec']: spec }) =>
        kind === 'Service' && isTree(spec) && spec['clusterIP'] === 'None',
    )
    assert.deepEqual(
      headless.map(({ metadata }) => metadata.name),
      http.peers,
    )
  })

  const scaled = overlay(name).find(({ kind }) => kind === 'ScaledObject')
  if (scaled === undefined) continue
  test(`the autoscaler of the overlay ${name} looks at what its pods consume`, () => {
    const config = parse(configText(overlay(name)))
    const triggers = JSON.parse(JSON.stringify(scaled['spec'])).triggers
    const seen = triggers.map(({ metadata }: { metadata: Record<string, string> }) => metadata)
    for (const metadata of seen) {
      assert.equal(metadata['bootstrapServers'], config.kafka.brokers.join(','))
      assert.equal(metadata['consumerGroup'], config.kafka.groupId)
      assert.equal(metadata['lagThreshold'], String(config.scaling.lagPerPod))
    }
    const topics = seen.map((metadata: Record<string, string>) => metadata['topic'])
    assert.deepEqual(topics, config.kafka.topics)
  })
}

test('a changed configuration gets another name, and the pods with it', (t) => {
  const [before, after] = ['one', 'two'].map((groupId) => {
    const objects = compose(t, [], [], stringify({ kafka: { groupId } }))
    const name = objects.find(isConfiguration)?.metadata.name ?? ''
    const deployment = objects.find(({ kind }) => kind === 'Deployment')
    assert.ok(JSON.stringify(deployment).includes(`"configMap":{"name":"${name}"}`), name)
    return name
  })
  assert.notEqual(before, after)
})

test('a patch says only what differs, and deletes what is gone', () => {
  const metadata = { name: 'any' }
  const object = (spec: unknown) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec })
  const before = object({ replicas: 1, volumes: [{ name: 'a', x: 1 }, { name: 'b' }], args: ['1'] })
  const after = object({ volumes: [{ name: 'c' }, { name: 'a', x: 2 }], args: ['2', '3'] })
  assert.deepEqual(
    patchBetween(before, after),
    object({
      replicas: null,
      volumes: [{ name: 'c' }, { name: 'a', x: 2 }, { $patch: 'delete', name: 'b' }],
      args: ['2', '3'],
    }),
  )
  assert.equal(patchBetween(before, before), null)
})

/** Base and components in an overlay of their own, with the configuration as the chart has it. */
function compose(
  t: TestContext,
  names: readonly string[],
  chart: readonly KubernetesObject[],
  config = configText(chart),
): KubernetesObject[] {
  const folder = writeOverlay(t, { resources: ['base'], components: names, config })
  return readObjects(kustomize(folder))
}

function configText(objects: readonly KubernetesObject[]): string {
  const data = objects.find(isConfiguration)?.['data']
  return isTree(data) ? String(data['config.yaml']) : ''
}

function mountsOf(objects: readonly KubernetesObject[]): string[] {
  const deployment = JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))
  return [...deployment.matchAll(/"mountPath":"([^"]+)"/g)].map(([, path]) => path ?? '')
}
