import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { readObjects, renderChart, root } from '../../dev/k8s/chart.ts'
import { comparable } from '../../dev/k8s/same.ts'
import { kustomize } from '../../dev/k8s/tools.ts'
import { isTree, type KubernetesObject } from '../../dev/k8s/types.ts'

const read = (path: string) => parse(readFileSync(join(root, path), 'utf8'))
const skaffold = read('skaffold.yaml')
const [artifact, ...otherArtifacts] = skaffold.build.artifacts
const [release, ...otherReleases] = skaffold.manifests.helm.releases
const [profile] = skaffold.profiles

const rendered = renderChart(release.valuesFiles, release.namespace)
const composed = readObjects(kustomize(join(root, profile.manifests.kustomize.paths[0])))

test('there is one image, built from the Dockerfile', () => {
  assert.deepEqual(otherArtifacts, [])
  assert.ok(existsSync(join(root, artifact.context, artifact.docker.dockerfile)))
})

test('helm renders the chart by default, with value files that are there', () => {
  assert.deepEqual(otherReleases, [])
  assert.ok(existsSync(join(root, release.chartPath, 'Chart.yaml')))
  assert.ok(rendered.length > 0)
})

test('the image that was built is set by values that the chart has', () => {
  const values = read('helm/onchain-consumer/values.yaml')
  const templates: Record<string, string> = release.setValueTemplates
  // Skaffold's variables carry the name of the image, with underscores.
  const suffix = artifact.image.replaceAll(/[^A-Za-z0-9]/g, '_')
  assert.deepEqual(templates, {
    'image.repository': `{{.IMAGE_REPO_${suffix}}}`,
    'image.tag': `{{.IMAGE_TAG_${suffix}}}`,
  })
  for (const path of Object.keys(templates)) {
    const at = (tree: unknown, key: string) => (isTree(tree) ? tree[key] : undefined)
    assert.notEqual(path.split('.').reduce(at, values), undefined, `values.yaml has no ${path}`)
  }
})

test('the manifests of the profile name the image that is built, so that it takes its place', () => {
  const images = imagesOf(composed)
  assert.equal(images.length, 1)
  for (const image of images) assert.equal(image.split(/[:@]/)[0], artifact.image)
})

test('the profile puts kustomize in the place of helm, and makes the same', () => {
  assert.equal(profile.name, 'kustomize')
  assert.deepEqual(profile.patches, [{ op: 'remove', path: '/manifests/helm' }])
  assert.deepEqual(comparable(composed), comparable(rendered))
})

test('the forwarded port is one of the Service', () => {
  for (const { resourceName, namespace, port } of skaffold.portForward) {
    const service = rendered.find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === resourceName,
    )
    assert.equal(service?.metadata.namespace, namespace)
    assert.ok(JSON.stringify(service).includes(`"port":${port}`))
  }
})

function imagesOf(objects: readonly KubernetesObject[]): string[] {
  return [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image ?? '')
}
