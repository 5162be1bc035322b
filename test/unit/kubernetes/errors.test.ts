import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { ApiException, HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node'
import type { Subject } from '../../../src/kubernetes/client/api.ts'
import { type Asked, apiError } from '../../../src/kubernetes/client/api-errors.ts'
import { readClusterAccess } from '../../../src/kubernetes/client/cluster-access.ts'
import { createComplaints } from '../../../src/kubernetes/complaints.ts'
import { startKubernetes } from '../../../src/kubernetes/index.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/waiting.ts'
import { handClock } from './fakes.ts'

const getTarget = {
  verb: 'get',
  group: 'keda.sh',
  resource: 'scaledobjects',
  name: 'consumer',
} as const

const asPod = { namespace: 'streams', server: 'https://10.0.0.1:443', account: 'pod' } as const

/** The library leaves the body of an answer as text. */
const refusal = (subject: Subject, status: number, body: object, asked: Asked = asPod) =>
  apiError(subject, asked, new ApiException(status, '', JSON.stringify(body), {}))

test('a forbidden request is reported with the rule that allows it, ready to paste', () => {
  const error = refusal(getTarget, 403, { message: 'no' })
  assert.equal(error.code, 'OCC_KUBERNETES_FORBIDDEN')
  assert.match(
    error.message,
    /get scaledobjects\/consumer in namespace streams.*{apiGroups: \["keda\.sh"\], resources: \[scaledobjects\], resourceNames: \[consumer\], verbs: \[get\]}/,
  )
  const pod = { verb: 'patch', group: '', resource: 'pods', name: 'x-1' } as const
  const rule = /{apiGroups: \[""\], resources: \[pods\], verbs: \[patch\]}/
  assert.match(refusal(pod, 403, {}).message, rule)
})

test('a missing object is distinguished from a kind unknown to the cluster', () => {
  const unknown = refusal(getTarget, 404, { message: '404 page not found' })
  assert.match(unknown.message, /the cluster does not know scaledobjects.*Remedy: install KEDA/)
  const missing = refusal(getTarget, 404, { details: { name: 'consumer' } })
  assert.match(missing.message, /there is no such object\. Remedy: check the name/)
})

test('an error is logged once, a different one again, and so is its end', async () => {
  const log = createCapturedLog()
  const counted: string[] = []
  const { attempt } = createComplaints('Events', log, (code) => counted.push(code))
  const failing = (message: string) => async () => {
    throw new Error(message)
  }
  await attempt(failing('no answer, request 1'))
  await attempt(failing('no answer, request 2'))
  await attempt(failing('forbidden'))
  assert.equal(await attempt(async () => {}), true)
  await attempt(async () => {})
  assert.deepEqual(
    log.lines.map(({ text }) => text),
    ['Events: no answer, request 1', 'Events: forbidden', 'Events: works again'],
  )
  assert.equal(counted.length, 3)
})

test('an answer that is not a Kubernetes object is reported unchanged', () => {
  const proxy = new ApiException(502, '', '<html>Bad gateway</html>', {})
  const error = apiError(getTarget, asPod, proxy)
  assert.deepEqual([error.code, error.retriable], ['OCC_KUBERNETES_REFUSED', true])
  assert.match(error.message, /<html>Bad gateway/)
})

test('a missing answer is reported with the server, the cause, and the NetworkPolicy', () => {
  const cause = new Error('connect ECONNREFUSED 10.0.0.1:443')
  const failed = new TypeError('fetch failed', { cause })
  const { message } = apiError(getTarget, asPod, failed)
  assert.match(message, /no answer from https:\/\/10\.0\.0\.1:443.*NetworkPolicy.*ECONNREFUSED/)
})

test('the remedy is named outside a cluster and for an unusable kubeconfig', () => {
  const outside = () => readClusterAccess({ env: {} }, KubeConfig)
  assert.throws(outside, /KUBERNETES_SERVICE_HOST is not set.*set KUBECONFIG, or/)
  const wrong = () => readClusterAccess({ env: { KUBECONFIG: '/nowhere/config' } }, KubeConfig)
  assert.throws(wrong, /KUBECONFIG=\/nowhere\/config cannot be used.*Remedy: name one readable/)
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  assert.equal(readClusterAccess({ env }, KubeConfig).server, 'https://[fd00::1]:443')
})

test("the pod's token is reread each minute, because the kubelet replaces it", async (t) => {
  const serviceAccount = temporaryFolder(t)
  const replace = (token: string) => writeFileSync(join(serviceAccount, 'token'), token)
  writeFileSync(join(serviceAccount, 'ca.crt'), 'ca')
  t.mock.timers.enable({ apis: ['Date'] })
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  const { config, server } = readClusterAccess({ env, serviceAccount }, KubeConfig)
  async function authorization() {
    const request = new RequestContext(`${server}/version`, HttpMethod.GET)
    await config.applySecurityAuthentication(request)
    return request.getHeaders()['Authorization']
  }
  replace('first')
  assert.equal(await authorization(), 'Bearer first')
  replace('second')
  t.mock.timers.tick(61_000)
  assert.equal(await authorization(), 'Bearer second')
})

test('without an API server the room reports that once, and stops normally', async () => {
  const log = createCapturedLog()
  const errors: string[] = []
  const kubernetes = startKubernetes(
    {
      podName: 'consumer-0',
      podNamespace: 'streams',
      leaseName: 'consumers',
      leaseDuration: 15_000,
      partitionSync: null,
      scalingHold: null,
      events: null,
      deletionCost: { interval: 1 },
    },
    {
      sources: {
        progress: () => null,
        advice: () => [],
        readiness: () => ({ ready: true, reasons: [] }),
        certificates: () => [],
        partitions: () => [],
        hold: () => null,
      },
      env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' },
      serviceAccount: '/nowhere',
      clock: handClock(),
      log,
      countError: (code) => errors.push(code),
    },
  )
  await until(() => errors.length > 2, 'it tries again')
  await kubernetes.stop()
  assert.equal(log.lines.length, 1)
  assert.match(
    log.lines[0]?.text ?? '',
    /^Pod deletion cost: .*\/nowhere\/(token|ca\.crt) cannot be read.*automountServiceAccountToken: true/,
  )
})
