import { isTree, type KubernetesObject } from './types.ts'

/** Whether it is the ConfigMap of the service's configuration. */
export function isConfiguration(object: KubernetesObject): boolean {
  return object.kind === 'ConfigMap' && isTree(object['data']) && 'config.yaml' in object['data']
}

/** The same objects, with the ConfigMap of the configuration renamed, also in volumes. */
export function renameConfiguration(
  objects: readonly KubernetesObject[],
  name: string,
): KubernetesObject[] {
  const old = objects.find(isConfiguration)?.metadata.name
  return objects.map((object) => {
    const copy = structuredClone(object)
    if (isConfiguration(copy)) copy.metadata.name = name
    else renameVolumes(copy, old, name)
    return copy
  })
}

function renameVolumes(value: unknown, old: string | undefined, name: string): void {
  if (Array.isArray(value)) for (const element of value) renameVolumes(element, old, name)
  if (!isTree(value)) return
  for (const [key, child] of Object.entries(value)) {
    if (key === 'configMap' && isTree(child) && child['name'] === old) child['name'] = name
    else renameVolumes(child, old, name)
  }
}
