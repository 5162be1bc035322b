/** What one call to the API server is about; a Role's rule is written in the same words. */
export interface ApiCall {
  readonly verb: 'get' | 'create' | 'update' | 'patch'
  /** `''` is the core group. */
  readonly group: string
  readonly version: string
  /** Plural: `leases`. */
  readonly resource: string
  /** Left out when creating. */
  readonly name?: string
  /** The object; with `patch`, a JSON merge patch. */
  readonly body?: unknown
}

/** All of the Kubernetes API that this room needs, in the namespace of the pod. */
export interface KubernetesApi {
  readonly namespace: string
  /**
   * The object as the API server answers with it. Rejects with an OccError: see api-errors.ts for
   * the codes. Bounded in time.
   */
  call(call: ApiCall): Promise<unknown>
}

/** An object as an Event or an owner reference names it. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** What is at this path of an answer; undefined where there is nothing. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let current = object
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = Reflect.get(current, name)
  }
  return current
}

export function textAt(object: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(object, ...path)
  return typeof value === 'string' ? value : undefined
}

export function numberAt(object: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path)
  return typeof value === 'number' ? value : undefined
}
