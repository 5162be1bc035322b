import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { helm } from './tools.ts'
import { isTree, type KubernetesObject } from './types.ts'

export const root = join(import.meta.dirname, '../..')
const chart = join(root, 'helm/onchain-consumer')

/** Name of the release and thus of all objects. */
export const releaseName = 'onchain-consumer'

/** Reads YAML like Kubernetes: version 1.1, where 0440 is octal. */
export function readObjects(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml, { version: '1.1' })
    .map((document) => document.toJS())
    .filter((object): object is KubernetesObject => isTree(object))
}

/**
 * The chart's objects for a release named `onchain-consumer`, without those of `helm test`.
 *
 * @param valueFiles Paths relative to the project's root; later ones win.
 */
export function renderChart(valueFiles: readonly string[], namespace = 'default') {
  const values = valueFiles.flatMap((file) => ['--values', join(root, file)])
  const yaml = helm(
    ...['template', releaseName, chart, '--namespace', namespace, ...values],
    // Otherwise it is the version of the Kubernetes library that helm was built with.
    ...['--kube-version', '1.34.0'],
  )
  return readObjects(yaml).filter(
    ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined,
  )
}
