import { isDeepStrictEqual } from 'node:util'
import { isTree, type KubernetesObject, type Tree } from './types.ts'

/** Lists whose elements Kubernetes identifies by a key; any other list is replaced as a whole. */
export const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  topologySpreadConstraints: 'topologyKey',
}

/**
 * The strategic merge patch that turns `before` into `after`; null if they are equal. Both have the
 * same kind and name.
 */
export function patchBetween(
  before: KubernetesObject,
  after: KubernetesObject,
): KubernetesObject | null {
  const changes = treeChanges(before, after)
  if (changes === undefined) return null
  const { apiVersion, kind, metadata } = after
  const { metadata: metadataChanges, ...rest } = changes
  return {
    apiVersion,
    kind,
    metadata: { name: metadata.name, ...(isTree(metadataChanges) ? metadataChanges : {}) },
    ...rest,
  }
}

/** undefined: no difference. */
function changesOf(before: unknown, after: unknown, key: string): unknown {
  if (isDeepStrictEqual(before, after)) return undefined
  if (isTree(before) && isTree(after)) return treeChanges(before, after)
  const mergeKey = mergeKeys[key]
  if (mergeKey !== undefined && Array.isArray(before) && Array.isArray(after)) {
    return listChanges(before, after, mergeKey)
  }
  return after
}

function treeChanges(before: Tree, after: Tree): Tree | undefined {
  const changes: Tree = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    // null deletes a key.
    const change = key in after ? changesOf(before[key], after[key], key) : null
    if (change !== undefined) changes[key] = change
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

function listChanges(before: unknown[], after: unknown[], mergeKey: string): unknown[] | undefined {
  const changes: unknown[] = []
  const find = (list: unknown[], id: unknown) =>
    list.filter(isTree).find((element) => element[mergeKey] === id)
  for (const element of after.filter(isTree)) {
    const id = element[mergeKey]
    const old = find(before, id)
    const change = old === undefined ? element : treeChanges(old, element)
    if (change !== undefined) changes.push({ [mergeKey]: id, ...change })
  }
  for (const element of before.filter(isTree)) {
    const id = element[mergeKey]
    if (find(after, id) === undefined) changes.push({ $patch: 'delete', [mergeKey]: id })
  }
  // The order in these lists has no meaning.
  return changes.length === 0 ? undefined : changes
}
