import { codeOf, messageOf, OccError } from '../kernel/errors.ts'
import { type ApiCall, textAt, valueAt } from './api.ts'

/** `get scaledobjects/x` */
function nameOf({ verb, resource, name }: ApiCall): string {
  return `${verb} ${resource}${name === undefined ? '' : `/${name}`}`
}

/** The rule of a Role that allows this call, as it stands in YAML. */
function ruleFor({ verb, group, resource, name }: ApiCall): string {
  // Pods and ReplicaSets come and go under new names: their rules cannot name one.
  const named = name !== undefined && resource !== 'pods' && resource !== 'replicasets'
  const parts = [
    `apiGroups: ["${group}"]`,
    `resources: [${resource}]`,
    ...(named && resource !== 'events' ? [`resourceNames: [${name}]`] : []),
    `verbs: [${verb}]`,
  ]
  return `{${parts.join(', ')}}`
}

/**
 * What an answer other than 2xx means, by its HTTP status and the `Status` object in it.
 * OCC_KUBERNETES_: UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT (somebody else was faster), REFUSED.
 */
export function refusal(call: ApiCall, namespace: string, status: number, body: unknown): OccError {
  const said = textAt(body, 'message') ?? `HTTP ${status}`
  const what = `Kubernetes: ${nameOf(call)} in namespace ${namespace}`
  switch (status) {
    case 401:
      return new OccError(
        'OCC_KUBERNETES_UNAUTHORIZED',
        `${what}: the service account's token is not accepted. Remedy: check that the service account still exists. [${said}]`,
        { retriable: true },
      )
    case 403:
      return new OccError(
        'OCC_KUBERNETES_FORBIDDEN',
        `${what}: not allowed. Remedy: add to the Role of the pod's service account: ${ruleFor(call)} [${said}]`,
      )
    case 404:
      return new OccError('OCC_KUBERNETES_NOT_FOUND', `${what}: ${missing(call, body)} [${said}]`)
    case 409:
      return new OccError('OCC_KUBERNETES_CONFLICT', `${what}: ${said}`, { retriable: true })
    default:
      return new OccError('OCC_KUBERNETES_REFUSED', `${what}: ${said}`, {
        retriable: status === 429 || status >= 500,
      })
  }
}

function missing({ group, resource, name }: ApiCall, body: unknown): string {
  // The API server names the object only where it knows its kind.
  if (valueAt(body, 'details', 'name') !== undefined) {
    return `there is no such object. Remedy: check the name; kubectl get ${resource} lists them`
  }
  const keda = group === 'keda.sh' ? 'install KEDA, or ' : ''
  return `the cluster does not know ${resource} of ${group}. Remedy: ${keda}choose another kind than that of ${name ?? resource}`
}

/** No answer at all. */
export function unreachable(call: ApiCall, server: string, error: unknown): OccError {
  return new OccError(
    'OCC_KUBERNETES_UNREACHABLE',
    `Kubernetes: ${nameOf(call)}: no answer from ${server}. Remedy: let the NetworkPolicy of the pod reach the API server. [${messageOf(error)}]`,
    { cause: error, retriable: true },
  )
}

export const isConflict = (error: unknown) => codeOf(error) === 'OCC_KUBERNETES_CONFLICT'
export const isNotFound = (error: unknown) => codeOf(error) === 'OCC_KUBERNETES_NOT_FOUND'
