import { isTree, type KubernetesObject, type Tree } from './types.ts'

/** Labels that say that Helm manages the object, which is not the case here. */
const helmLabels = ['helm.sh/chart', 'app.kubernetes.io/managed-by']
/**
 * Helm's way to restart pods after a change of the configuration; kustomize renames the ConfigMap.
 */
const checksum = 'checksum/config'

/** The object without Helm-specific parts and without a namespace. */
export function portable(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object)
  strip(copy)
  for (const subject of Array.isArray(copy['subjects']) ? copy['subjects'] : []) {
    if (isTree(subject)) delete subject['namespace']
  }
  return copy
}

function strip(value: unknown): void {
  if (Array.isArray(value)) value.forEach(strip)
  if (!isTree(value)) return
  const { metadata } = value
  if (isTree(metadata)) {
    delete metadata['namespace']
    drop(metadata, 'labels', helmLabels)
    drop(metadata, 'annotations', [checksum])
  }
  Object.values(value).forEach(strip)
}

function drop(metadata: Tree, key: string, names: readonly string[]): void {
  const map = metadata[key]
  if (!isTree(map)) return
  for (const name of names) delete map[name]
  if (Object.keys(map).length === 0) delete metadata[key]
}
