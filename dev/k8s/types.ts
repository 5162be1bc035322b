/** A Kubernetes object as read from YAML. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  [key: string]: unknown
}

export type Tree = Record<string, unknown>

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Kind and name, which identify the object of one rendering in another. */
export function identity({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`
}
