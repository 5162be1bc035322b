import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { main } from '../../../../src/cli/index.ts'
import { fakeIo } from '../../../support/fake-io.ts'
import { startHttpServer } from '../../../support/servers/http-server.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { folder } from '../../config/support.ts'

const token = 'a-token-that-nobody-guesses'

/**
 * An API server that answers with this status and object, and a kubeconfig for it.
 * @param forwarding the status for who wants to forward a port
 */
async function kubeconfig(t: TestContext, status: number, answer: object, forwarding = status) {
  const asked: string[] = []
  const server = await startHttpServer(t, ({ url = '' }, response) => {
    asked.push(url)
    const type = { 'content-type': 'application/json' }
    const code = url.includes('/portforward') ? forwarding : status
    response.writeHead(code, type).end(JSON.stringify(answer))
  })
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'streams' } }],
  }
  const file = join(folder(t, { config: JSON.stringify(config) }), 'config')
  return { asked, env: { KUBECONFIG: file } }
}

function pod(release: string, { name = 'onchain-consumer', ready = false, running = true } = {}) {
  const labels = { 'app.kubernetes.io/instance': release, 'app.kubernetes.io/name': name }
  const state = running ? { running: {} } : { waiting: { reason: 'ContainerCreating' } }
  return {
    metadata: { name: `${release}-${name}-0`, labels },
    spec: { containers: [{ name: 'consumer', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'consumer', state }],
    },
  }
}

const listed = (...items: readonly object[]) => ({ apiVersion: 'v1', kind: 'PodList', items })

async function tell(env: Record<string, string>, ...argv: readonly string[]) {
  const io = fakeIo({ env })
  const code = await main(argv, io)
  return { code, output: io.stdout.written(), error: io.stderr.written() }
}

test('a release without pods is not found, and those that are there are named', async (t) => {
  const pods = listed(pod('transfers'), pod('trades'), pod('trades'))
  const { asked, env } = await kubeconfig(t, 200, pods)
  await assert.rejects(tell(env, 'status', '--release', 'transfer'), {
    code: 'OCC_RELEASE_UNKNOWN',
    message:
      /no pod of a release transfer in namespace streams; those with pods: trades, transfers\. Remedy: .*--namespace/,
  })
  await assert.rejects(tell(env, 'status', '--release', 'transfer', '--namespace', 'other'))
  const namespaces = asked.map((path) => /namespaces\/([^/]+)\/pods/.exec(path)?.[1])
  assert.deepEqual([...new Set(namespaces)], ['streams', 'other'])
})

test('a release with several services is refused with their names', async (t) => {
  const both = listed(pod('chain', { name: 'transfers' }), pod('chain', { name: 'trades' }))
  const { env } = await kubeconfig(t, 200, both)
  await assert.rejects(tell(env, 'status', '--release', 'chain'), {
    code: 'OCC_RELEASE_AMBIGUOUS',
    message: /release chain in namespace streams has several services.*trades, transfers.*--url/,
  })
})

test('without a pod to ask, it says what the pods wait for', async (t) => {
  const { env } = await kubeconfig(t, 200, listed(pod('transfers', { running: false })))
  await assert.rejects(tell(env, 'status', '--release', 'transfers'), {
    code: 'OCC_RELEASE_NOT_READY',
    message:
      /release transfers in namespace streams is ready: transfers-onchain-consumer-0 ContainerCreating/,
  })
  const waiting = await kubeconfig(t, 200, listed(pod('transfers')))
  const status = ['offsets', 'status', '--release', 'transfers']
  await assert.rejects(tell(waiting.env, ...status), {
    code: 'OCC_RELEASE_NOT_READY',
    message: /transfers-onchain-consumer-0 is not ready/,
  })
})

test('it is the container of the service that counts, not one that a mesh has added', async (t) => {
  const { spec, status, ...rest } = pod('transfers', { running: false })
  const proxy = { name: 'a-proxy', ports: [{ name: 'admin', containerPort: 4191 }] }
  const meshed = {
    ...rest,
    spec: { containers: [proxy, ...spec.containers] },
    status: {
      ...status,
      containerStatuses: [
        { name: proxy.name, state: { running: {} } },
        ...status.containerStatuses,
      ],
    },
  }
  const { env } = await kubeconfig(t, 200, listed(meshed))
  await assert.rejects(tell(env, 'lag', '--release', 'transfers'), {
    code: 'OCC_RELEASE_NOT_READY',
    message: /transfers-onchain-consumer-0 ContainerCreating/,
  })
})

test('who lacks a right is told the rule, and who is not known is told to log in', async (t) => {
  const { env } = await kubeconfig(t, 403, { message: 'no' })
  await assert.rejects(tell(env, 'status', '--release', 'transfers'), {
    code: 'OCC_KUBERNETES_FORBIDDEN',
    message:
      /list pods in namespace streams: not allowed\. Remedy: ask for a Role with the rule \{apiGroups: \[""\], resources: \[pods\], verbs: \[list\]\}/,
  })
  const expired = await kubeconfig(t, 401, { message: 'Unauthorized' })
  await assert.rejects(tell(expired.env, 'status', '--release', 'transfers'), {
    code: 'OCC_KUBERNETES_UNAUTHORIZED',
    message: /credentials of the kubeconfig are not accepted\. Remedy: log in/,
  })
})

test('who may not forward ports is told the rule; a pod that has just gone is named', async (t) => {
  const pods = listed(pod('transfers', { ready: true }))
  const release = ['--release', 'transfers', '--token-file', join(folder(t, { token }), 'token')]
  const forbidden = await kubeconfig(t, 200, pods, 403)
  await assert.rejects(tell(forbidden.env, 'pause', '--topic', 'a', ...release), {
    code: 'OCC_KUBERNETES_FORBIDDEN',
    message: /\{apiGroups: \[""\], resources: \[pods\/portforward\], verbs: \[get\]\}/,
  })
  const gone = await kubeconfig(t, 200, pods, 404)
  const { code, output } = await tell(gone.env, 'status', '--release', 'transfers')
  assert.equal(code, 1)
  assert.match(output, /pod\/transfers-onchain-consumer-0 cannot be reached: /)
  await assert.rejects(tell(gone.env, 'pause', '--topic', 'a', ...release), {
    code: 'OCC_RELEASE_NOT_READY',
    message: /pod\/transfers-onchain-consumer-0 cannot be reached: /,
  })
})

test('without a kubeconfig it says where it looked', async (t) => {
  const home = temporaryFolder(t)
  await assert.rejects(tell({ HOME: home }, 'status', '--release', 'transfers'), {
    code: 'OCC_KUBERNETES_NO_CLUSTER',
    message: new RegExp(
      `${join(home, '.kube', 'config')} does not exist\\. Remedy: set KUBECONFIG`,
    ),
  })
})

test('of a list of kubeconfigs, those that do not exist are left out', async (t) => {
  const { env } = await kubeconfig(t, 200, listed())
  const list = { KUBECONFIG: `/nowhere/config:${env.KUBECONFIG}` }
  const release = ['status', '--release', 'transfers']
  await assert.rejects(tell(list, ...release), { code: 'OCC_RELEASE_UNKNOWN' })
  await assert.rejects(tell({ KUBECONFIG: '/nowhere/config' }, ...release), {
    code: 'OCC_KUBERNETES_KUBECONFIG',
  })
})

test('--release and --url exclude each other, and --namespace belongs to --release', async () => {
  const url = ['--url', 'http://127.0.0.1:1']
  const both = await tell({}, 'status', '--release', 'transfers', ...url)
  assert.deepEqual([both.code, /--url and --release exclude/.test(both.error)], [2, true])
  const alone = await tell({}, 'status', '--namespace', 'streams', ...url)
  assert.deepEqual([alone.code, /--namespace belongs to --release/.test(alone.error)], [2, true])
})
