import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OccError } from '../kernel/errors.ts'

/** Where the API server is, and what a request shows it. */
export interface Endpoint {
  /** `https://10.96.0.1:443` */
  readonly server: string
  /** For each request anew: a service account's token is replaced every hour. */
  credentials(): Promise<Credentials>
}

/** As `https.request` takes them. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly ca?: string | Buffer | undefined
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server that KUBECONFIG names (outside of the cluster), else that of the cluster this pod
 * runs in. Rejects with OCC_KUBERNETES_NO_CLUSTER when there is neither.
 *
 * @param serviceAccount Folder with `token` and `ca.crt`; only tests have another.
 */
export async function findEndpoint(
  env: Environment,
  serviceAccount = SERVICE_ACCOUNT,
): Promise<Endpoint> {
  const { KUBECONFIG, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (KUBECONFIG !== undefined && KUBECONFIG !== '') return fromKubeconfig(KUBECONFIG)
  if (host === undefined || host === '') {
    throw new OccError(
      'OCC_KUBERNETES_NO_CLUSTER',
      'Kubernetes: KUBERNETES_SERVICE_HOST is not set, so this is no pod. Remedy: set KUBECONFIG, or turn the features of the section kubernetes off',
    )
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port ?? '443'}`
  const read = async (name: string) => {
    const path = join(serviceAccount, name)
    try {
      return await readFile(path, 'utf8')
    } catch (error) {
      throw new OccError(
        'OCC_KUBERNETES_NO_TOKEN',
        `Kubernetes: ${path} cannot be read. Remedy: set automountServiceAccountToken: true for the pod. [${messageOf(error)}]`,
        { cause: error },
      )
    }
  }
  return {
    server,
    async credentials() {
      const token = await read('token')
      const ca = await read('ca.crt')
      return { headers: { authorization: `Bearer ${token.trim()}` }, ca }
    },
  }
}

/**
 * The library knows every way in which a kubeconfig can say who one is. It costs 88 MB of memory
 * and 0.7 s to load, so no pod loads it: see docs/kubernetes.md.
 */
async function fromKubeconfig(file: string): Promise<Endpoint> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    config.loadFromFile(file)
  } catch (error) {
    throw new OccError(
      'OCC_KUBERNETES_KUBECONFIG',
      `Kubernetes: KUBECONFIG=${file} cannot be used. Remedy: name one readable kubeconfig file. [${messageOf(error)}]`,
      { cause: error },
    )
  }
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw new OccError(
      'OCC_KUBERNETES_KUBECONFIG',
      `Kubernetes: KUBECONFIG=${file} has no current cluster. Remedy: kubectl config use-context NAME`,
    )
  }
  return {
    server,
    async credentials() {
      const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {}
      await config.applyToHTTPSOptions(options)
      const { ca, cert, key } = options
      const pem = (value: unknown) =>
        typeof value === 'string' || Buffer.isBuffer(value) ? value : undefined
      const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        String(value),
      ])
      return {
        headers: Object.fromEntries(headers),
        ca: pem(ca),
        cert: pem(cert),
        key: pem(key),
      }
    },
  }
}
