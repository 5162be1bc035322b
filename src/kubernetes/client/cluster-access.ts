import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Address of the API server and own identity, from the environment. */
export interface ClusterAccess {
  /** KUBECONFIG outside a cluster; else the variables that Kubernetes sets in a pod. */
  readonly env: Environment
  /** Folder of the service account's `token` and `ca.crt`; only tests change it. */
  readonly serviceAccount?: string | undefined
}

/** Whose rights they are: those of a pod, or those of somebody with a kubeconfig. */
export type Account = 'pod' | 'person'

export interface ReadAccess {
  readonly config: KubeConfig
  readonly server: string
  readonly account: Account
  /** An OccError with the remedy if credentials could not be read; else the error itself. */
  explain(error: unknown): unknown
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Throws OCC_KUBERNETES_NO_CLUSTER without either, or OCC_KUBERNETES_KUBECONFIG. */
export function readClusterAccess(
  { env, serviceAccount = SERVICE_ACCOUNT }: ClusterAccess,
  Config: new () => KubeConfig,
): ReadAccess {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') return fromKubeconfig(KUBECONFIG, new Config())
  if (host === undefined || host === '') {
    throw new OccError(
      'OCC_KUBERNETES_NO_CLUSTER',
      'Kubernetes: KUBERNETES_SERVICE_HOST is not set, so this is not a pod. Remedy: set KUBECONFIG, or turn the features of the section kubernetes off',
    )
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`
  const config = new Config()
  // Both files are reread while running: the kubelet replaces the token every hour.
  config.loadFromClusterAndUser(
    { name: 'cluster', server, caFile: join(serviceAccount, 'ca.crt'), skipTLSVerify: false },
    {
      name: 'pod',
      authProvider: { name: 'tokenFile', config: { tokenFile: join(serviceAccount, 'token') } },
    },
  )
  return {
    config,
    server,
    account: 'pod',
    explain(error) {
      const path = Object(error).path
      if (typeof path !== 'string' || !path.startsWith(serviceAccount)) return error
      return new OccError(
        'OCC_KUBERNETES_NO_TOKEN',
        `Kubernetes: ${path} cannot be read. Remedy: set automountServiceAccountToken: true for the pod. [${codeOf(error)}]`,
        { cause: error },
      )
    },
  }
}

/**
 * That of a person: KUBECONFIG, else `~/.kube/config`, else that of the pod in which the command runs.
 * Throws OCC_KUBERNETES_NO_CLUSTER.
 */
export function personalAccess(env: Environment): ClusterAccess {
  if (env['KUBECONFIG']) return { env }
  const usual = join(env['HOME'] ?? homedir(), '.kube', 'config')
  if (existsSync(usual)) return { env: { ...env, KUBECONFIG: usual } }
  if (env['KUBERNETES_SERVICE_HOST']) return { env }
  throw new OccError(
    'OCC_KUBERNETES_NO_CLUSTER',
    `Kubernetes: there is no kubeconfig: KUBECONFIG is not set, and ${usual} does not exist. Remedy: set KUBECONFIG, or name the service with --url instead of --release`,
  )
}

function fromKubeconfig(file: string, config: KubeConfig): ReadAccess {
  const unusable = (why: string, remedy: string, cause?: unknown) =>
    new OccError(
      'OCC_KUBERNETES_KUBECONFIG',
      `Kubernetes: KUBECONFIG=${file} ${why}. Remedy: ${remedy}`,
      { cause },
    )
  try {
    loadFiles(file.split(delimiter), config)
  } catch (error) {
    const why = `cannot be used: ${messageOf(error)}`
    throw unusable(why, 'name one readable kubeconfig file', error)
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw unusable('has no current cluster', 'kubectl config use-context NAME')
  }
  return { config, server, account: 'person', explain: (error) => error }
}

/** As kubectl: what an earlier file says stays, and of a list those that do not exist are left out. */
function loadFiles(listed: readonly string[], config: KubeConfig): void {
  const there = listed.filter((file) => file !== '' && existsSync(file))
  const [first = listed.join(delimiter), ...others] = there
  config.loadFromFile(first)
  for (const file of others) {
    const other = new (config.constructor as new () => KubeConfig)()
    other.loadFromFile(file)
    config.mergeConfig(other, true)
  }
}
