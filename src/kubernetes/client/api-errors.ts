import type { ApiException } from '@kubernetes/client-node'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { Subject } from './api.ts'
import type { Account } from './cluster-access.ts'

/** Where a request was sent, and as whom. */
export interface Asked {
  readonly namespace: string
  readonly server: string
  readonly account: Account
}

/** What to do, in the words of those who can do it. */
const REMEDIES = {
  pod: {
    credentials:
      "the service account's token is not accepted. Remedy: check that the service account still exists.",
    right: "add to the Role of the pod's service account:",
    way: 'let the NetworkPolicy of the pod reach the API server.',
  },
  person: {
    credentials:
      'the credentials of the kubeconfig are not accepted. Remedy: log in to the cluster again; kubectl auth whoami shows whether it worked.',
    right: 'ask for a Role with the rule',
    way: 'check the current context of the kubeconfig, and the way to that server.',
  },
} as const satisfies Record<Account, object>

/** `get scaledobjects/x` */
function nameOf({ verb, resource, name }: Subject): string {
  return `${verb} ${resource}${name === undefined ? '' : `/${name}`}`
}

/** The Role rule that allows this request, as YAML. */
function ruleFor({ verb, group, resource, name }: Subject): string {
  // Pods and ReplicaSets are recreated under new names: their rules cannot name one.
  const named = name !== undefined && !/^(pods|replicasets)(\/|$)/.test(resource)
  const parts = [
    `apiGroups: ["${group}"]`,
    `resources: [${resource}]`,
    ...(named && resource !== 'events' ? [`resourceNames: [${name}]`] : []),
    `verbs: [${verb}]`,
  ]
  return `{${parts.join(', ')}}`
}

/**
 * An error of the library as one message with its remedy. OCC_KUBERNETES_: UNAUTHORIZED, FORBIDDEN,
 * NOT_FOUND, CONFLICT (another client wrote first), REFUSED, UNREACHABLE (no answer).
 */
export function apiError(
  subject: Subject,
  { namespace, server, account }: Asked,
  error: unknown,
): OccError {
  const remedies = REMEDIES[account]
  if (!isAnswer(error)) return unreachable(subject, server, remedies.way, error)
  const { code: status } = error
  const answer = statusOf(error.body)
  const said = answer.message ?? `HTTP ${status}`
  const what = `Kubernetes: ${nameOf(subject)} in namespace ${namespace}`
  switch (status) {
    case 401:
      return new OccError(
        'OCC_KUBERNETES_UNAUTHORIZED',
        `${what}: ${remedies.credentials} [${said}]`,
        { retriable: true },
      )
    case 403:
      return new OccError(
        'OCC_KUBERNETES_FORBIDDEN',
        `${what}: not allowed. Remedy: ${remedies.right} ${ruleFor(subject)} [${said}]`,
      )
    case 404:
      return new OccError(
        'OCC_KUBERNETES_NOT_FOUND',
        `${what}: ${missing(subject, answer)} [${said}]`,
      )
    case 409:
      return new OccError('OCC_KUBERNETES_CONFLICT', `${what}: ${said}`, { retriable: true })
    default:
      return new OccError('OCC_KUBERNETES_REFUSED', `${what}: ${said}`, {
        retriable: status === 429 || status >= 500,
      })
  }
}

/** Checks the shape: importing the class would load the library. */
function isAnswer(error: unknown): error is ApiException<unknown> {
  return error instanceof Error && 'headers' in error && typeof Object(error).code === 'number'
}

interface Answer {
  readonly message?: string
  readonly details?: { readonly name?: string }
}

/**
 * The `Status` object of an answer, which the library leaves as text; a proxy may send anything.
 */
function statusOf(body: unknown): Answer {
  if (typeof body !== 'string') return typeof body === 'object' && body !== null ? body : {}
  try {
    return Object(JSON.parse(body))
  } catch {
    return { message: body.slice(0, 200) }
  }
}

function missing({ group, resource, name }: Subject, { details }: Answer): string {
  // The API server names the object only if it knows its kind.
  if (details?.name !== undefined) {
    return `there is no such object. Remedy: check the name; kubectl get ${resource} lists them`
  }
  const keda = group === 'keda.sh' ? 'install KEDA, or ' : ''
  return `the cluster does not know ${resource} of ${group}. Remedy: ${keda}choose another kind than that of ${name ?? resource}`
}

function unreachable(subject: Subject, server: string, way: string, error: unknown): OccError {
  // fetch() only says that it failed; the cause says why.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const why = messageOf(cause) || codeOf(cause)
  return new OccError(
    'OCC_KUBERNETES_UNREACHABLE',
    `Kubernetes: ${nameOf(subject)}: no answer from ${server}. Remedy: ${way} [${why}]`,
    { cause: error, retriable: true },
  )
}

export const isConflict = (error: unknown) => codeOf(error) === 'OCC_KUBERNETES_CONFLICT'
export const isNotFound = (error: unknown) => codeOf(error) === 'OCC_KUBERNETES_NOT_FOUND'

/** Resolves with false instead of rejecting if another client wrote first. */
export async function unlessConflict(write: Promise<void>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (isConflict(error)) return false
    throw error
  }
}
