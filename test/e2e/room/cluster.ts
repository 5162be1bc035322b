import { type ExecFileException, execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import type { KubernetesApi } from '../../../src/kubernetes/client/api.ts'
import { connect } from '../../../src/kubernetes/client/client.ts'
import type { Environment } from '../../../src/kubernetes/client/cluster-access.ts'

/** A rule of a Role, as it stands in YAML. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** What a pod of that service account finds: its token, and where the API server is. */
export interface Account {
  readonly env: Environment
  /** Folder with `token` and `ca.crt`. */
  readonly serviceAccount: string
}

export interface TestNamespace {
  readonly name: string
  /** Allowed everything: KUBECONFIG's own user. */
  readonly admin: KubernetesApi
  /** Prints what the command prints; fails with its standard error. */
  kubectl(...args: readonly string[]): Promise<string>
  apply(...objects: readonly object[]): Promise<void>
  /** A service account that may do what the rules say and nothing else. */
  account(rules: readonly Rule[]): Promise<Account>
}

/**
 * A namespace for the tests of a file, on the cluster of KUBECONFIG; gone after them. `prepare` runs
 * once it is there: node:test does not wait for one `before` of a file with the next.
 */
export function useNamespace(
  prepare: (namespace: TestNamespace) => Promise<void> = async () => {},
): TestNamespace {
  const name = `room-${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), 'occ-room-'))
  let admin: KubernetesApi | undefined
  let accounts = 0

  before(async () => {
    const { KUBECONFIG } = process.env
    if (!KUBECONFIG) {
      throw new Error('These tests need a cluster: KUBECONFIG=/path node --test test/e2e/room-*')
    }
    admin = await connect({ env: { KUBECONFIG } }, name, systemClock)
    await run(['create', 'namespace', name])
    await prepare(namespace)
  })
  after(async () => {
    admin?.close()
    rmSync(folder, { recursive: true })
    await run(['delete', 'namespace', name, '--wait=false'])
  })

  const namespace: TestNamespace = {
    name,
    get admin() {
      if (admin === undefined) throw new Error('the namespace is not there yet')
      return admin
    },
    kubectl: (...args) => run(['-n', name, ...args]),
    async apply(...objects) {
      const items = { apiVersion: 'v1', kind: 'List', items: objects }
      await run(['-n', name, 'apply', '-f', '-'], JSON.stringify(items))
    },
    async account(rules) {
      accounts += 1
      const user = `account-${accounts}`
      await namespace.apply(...accountObjects(user, name, rules))
      const token = await run(['-n', name, 'create', 'token', user])
      const config = JSON.parse(
        await run(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']),
      )
      const { cluster } = config.clusters[0]
      const serviceAccount = mkdtempSync(join(folder, 'account-'))
      writeFileSync(join(serviceAccount, 'token'), token)
      const ca = Buffer.from(cluster['certificate-authority-data'], 'base64')
      writeFileSync(join(serviceAccount, 'ca.crt'), ca)
      const { hostname, port } = new URL(cluster.server)
      const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port || '443' }
      return { env, serviceAccount }
    },
  }
  return namespace
}

function accountObjects(user: string, namespace: string, rules: readonly Rule[]): object[] {
  const rbac = 'rbac.authorization.k8s.io'
  const metadata = { name: user }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: user },
      subjects: [{ kind: 'ServiceAccount', name: user, namespace }],
    },
  ]
}

/** kubectl, as a user would type it. */
function run(args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`))
    }
    const child = execFile('kubectl', args, { encoding: 'utf8', maxBuffer: 16 * 1024 ** 2 }, done)
    child.stdin?.end(input)
  })
}
