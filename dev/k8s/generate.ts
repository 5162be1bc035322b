import { stringify } from 'yaml'
import { releaseName, renderChart } from './chart.ts'
import { isConfiguration, renameConfiguration } from './configuration.ts'
import { patchBetween } from './difference.ts'
import { type Component, components, valueFiles } from './layout.ts'
import { portable } from './portable.ts'
import { identity, isTree, type KubernetesObject } from './types.ts'

const header = '# Generated from helm/onchain-consumer by `npm run k8s`; edits are lost.\n'

/**
 * Kustomize appends a hash to this name wherever it believes to see it. With the name that all
 * other objects have, it would also change the Role's resourceNames.
 */
const configurationName = `${releaseName}-config`

/** Text by path, relative to k8s/. */
export type Files = Map<string, string>

/** All generated files under k8s/: the base, and what each component adds to it. */
export function generate(): Files {
  const files: Files = new Map()
  addBase(files)
  for (const component of components) addComponent(files, component)
  return files
}

function addBase(files: Files): void {
  const objects = render([])
  const configuration = objects.find(isConfiguration)
  const resources = objects.filter((object) => object !== configuration)
  const data = configuration?.['data']
  files.set('base/config.yaml', isTree(data) ? header + String(data['config.yaml']) : '')
  const names = write(files, 'base', resources)
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: names,
    configMapGenerator: [
      {
        name: configurationName,
        files: ['config.yaml'],
        options: { labels: configuration?.metadata.labels },
      },
    ],
  }
  const about = `# One pod, without login or autoscaler. An overlay brings its own config.yaml:
# a changed one gets another name, so the pods are replaced.\n`
  files.set('base/kustomization.yaml', header + about + text(kustomization))
}

function addComponent(files: Files, { name, about, over }: Component): void {
  const folder = `components/${name}`
  const before = new Map(render(over).map((object) => [identity(object), object]))
  const added: KubernetesObject[] = []
  const patches: KubernetesObject[] = []
  // The configuration belongs to the overlay: no component can patch inside a text.
  for (const object of render([...over, name]).filter((one) => !isConfiguration(one))) {
    const old = before.get(identity(object))
    if (old === undefined) added.push(object)
    const patch = old === undefined ? null : patchBetween(old, object)
    if (patch !== null) patches.push(patch)
  }
  const resources = write(files, folder, added)
  const paths = write(files, folder, patches, '-patch')
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    ...(resources.length > 0 && { resources }),
    ...(paths.length > 0 && { patches: paths.map((path) => ({ path })) }),
  }
  files.set(`${folder}/kustomization.yaml`, `${header}# ${about}\n${text(kustomization)}`)
}

function render(names: readonly string[]): KubernetesObject[] {
  return renameConfiguration(renderChart(valueFiles(names)), configurationName).map(portable)
}

/** One file per object, named by its kind, and by its name if that is not the release's. */
function write(
  files: Files,
  folder: string,
  objects: readonly KubernetesObject[],
  suffix = '',
): string[] {
  const names = objects.map((object) => {
    const own = object.metadata.name.slice(releaseName.length)
    const name = `${object.kind.toLowerCase()}${own}${suffix}.yaml`
    files.set(`${folder}/${name}`, header + text(object))
    return name
  })
  return names.toSorted()
}

function text(value: unknown): string {
  return stringify(value, { lineWidth: 100, version: '1.1' })
}
