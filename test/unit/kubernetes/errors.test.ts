import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { refusal } from '../../../src/kubernetes/api-errors.ts'
import { createComplaints } from '../../../src/kubernetes/complaints.ts'
import { findEndpoint } from '../../../src/kubernetes/endpoint.ts'
import { startKubernetes } from '../../../src/kubernetes/index.ts'
import { createCapturedLog } from '../../integration/captured-log.ts'
import { until } from '../../integration/waiting.ts'
import { handClock } from './fakes.ts'

const getTarget = {
  verb: 'get',
  group: 'keda.sh',
  version: 'v1alpha1',
  resource: 'scaledobjects',
  name: 'consumer',
} as const

test('what is forbidden is told as the rule that allows it, ready to paste', () => {
  const error = refusal(getTarget, 'streams', 403, { message: 'no' })
  assert.equal(error.code, 'OCC_KUBERNETES_FORBIDDEN')
  assert.match(
    error.message,
    /get scaledobjects\/consumer in namespace streams.*{apiGroups: \["keda\.sh"\], resources: \[scaledobjects\], resourceNames: \[consumer\], verbs: \[get\]}/,
  )
  const pod = { verb: 'patch', group: '', version: 'v1', resource: 'pods', name: 'x-1' } as const
  const rule = /{apiGroups: \[""\], resources: \[pods\], verbs: \[patch\]}/
  assert.match(refusal(pod, 'streams', 403, {}).message, rule)
})

test('an object that is missing is told from a kind that the cluster does not know', () => {
  const unknown = refusal(getTarget, 'streams', 404, { message: '404 page not found' })
  assert.match(unknown.message, /the cluster does not know scaledobjects.*Remedy: install KEDA/)
  const missing = refusal(getTarget, 'streams', 404, { details: { name: 'consumer' } })
  assert.match(missing.message, /there is no such object\. Remedy: check the name/)
})

test('the same error is logged once, another one again, and its end', async () => {
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

test('outside of a cluster, and without a token, the remedy is named', async (t) => {
  await assert.rejects(findEndpoint({}), /KUBERNETES_SERVICE_HOST is not set.*set KUBECONFIG, or/)
  const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  const endpoint = await findEndpoint(pod, '/nowhere')
  assert.equal(endpoint.server, 'https://[fd00::1]:443')
  await assert.rejects(endpoint.credentials(), /automountServiceAccountToken: true/)

  const folder = mkdtempSync(join(tmpdir(), 'occ-token-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ca.crt'), 'ca')
  writeFileSync(join(folder, 'token'), 'first\n')
  const found = await findEndpoint(pod, folder)
  assert.deepEqual((await found.credentials()).headers, { authorization: 'Bearer first' })
  writeFileSync(join(folder, 'token'), 'second')
  assert.deepEqual((await found.credentials()).headers, { authorization: 'Bearer second' })
})

test('without an API server the room says so once, and stops like any other', async () => {
  const log = createCapturedLog()
  const errors: string[] = []
  const kubernetes = startKubernetes(
    {
      podName: 'consumer-0',
      podNamespace: 'streams',
      leaseName: 'consumers',
      leaseDuration: 15_000,
      partitionSync: null,
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
  assert.match(log.lines[0]?.text ?? '', /^Pod deletion cost: .*nowhere\/token cannot be read/)
})
