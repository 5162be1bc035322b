import { isTree, type KubernetesObject, type Tree } from './types.ts'

/** Say that Helm keeps the object, which is not so here. */
const helmLabels = ['helm.sh/chart', 'app.kubernetes.io/managed-by']
/** Helm's way to restart pods when the configuration changes; kustomize names the ConfigMap anew. */
const checksum = 'checksum/config'

/** The object without what is true of a Helm release only, and without a namespace. */
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
