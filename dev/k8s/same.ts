import { parse } from 'yaml'
import { isConfiguration, renameConfiguration } from './configuration.ts'
import { mergeKeys } from './difference.ts'
import { portable } from './portable.ts'
import { isTree, type KubernetesObject } from './types.ts'

/**
 * The objects in a form that is equal for a rendering of the chart and one of an overlay: sorted,
 * without what only Helm or only kustomize adds, the configuration as values instead of text.
 */
export function comparable(objects: readonly KubernetesObject[]): Record<string, unknown> {
  const entries = renameConfiguration(objects, 'configuration').map((object) => {
    const copy = portable(object)
    if (isConfiguration(copy) && isTree(copy['data'])) {
      copy['data'] = { ...copy['data'], 'config.yaml': parse(String(copy['data']['config.yaml'])) }
    }
    const { kind, metadata } = object
    return [
      `${kind} ${metadata.namespace ?? 'default'}/${metadata.name}`,
      sorted(copy, ''),
    ] as const
  })
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function sorted(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const list = value.map((element) => sorted(element, ''))
    const mergeKey = mergeKeys[key]
    if (mergeKey === undefined) return list
    const id = (element: unknown) => (isTree(element) ? String(element[mergeKey]) : '')
    return list.toSorted((a, b) => (id(a) < id(b) ? -1 : 1))
  }
  if (!isTree(value)) return value
  const keys = Object.keys(value).toSorted()
  return Object.fromEntries(keys.map((name) => [name, sorted(value[name], name)]))
}
