import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { root } from '../../dev/k8s/chart.ts'
import { createUndoStack } from '../../src/kernel/lifecycle.ts'
import { bundledNames } from '../support/service-packages.ts'

// The built image in a pod of a real cluster, for which KUBECONFIG is set.

const skip = process.env['KUBECONFIG'] ? false : 'no KUBECONFIG is set'

/** As the chart runs it: no root, a root file system that nobody can write. */
const pod = (name: string, image: string, args: readonly string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'consumer',
        image,
        imagePullPolicy: 'Never',
        args,
        env: [
          { name: 'KAFKA_TOPICS', value: 'any' },
          { name: 'KAFKA_GROUP_ID', value: 'any' },
          // Nobody answers there: what is tested is the process, not its consuming.
          { name: 'KAFKA_BOOTSTRAP_SERVERS', value: '127.0.0.1:1' },
        ],
        readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
})

/** Printed by node inside the image. */
const look = `
  const { existsSync } = require('node:fs')
  const packages = require('/app/dist/packages.json')
  const others = ['/bin/sh', '/usr/local/bin/npm', '/app/src', '/app/node_modules'].filter(existsSync)
  console.log(JSON.stringify({ uid: process.getuid(), packages, others }))
`

test('the image runs restricted, holds what production needs, and ends at SIGTERM', {
  skip,
}, async (t) => {
  const { connectApi } = await import('../e2e/harness/kubernetes/api.ts')
  const { createNamespace } = await import('../e2e/harness/kubernetes/namespace.ts')
  const { environment } = await import('../e2e/harness/environment.ts')
  const undo = createUndoStack()
  t.after(async () => {
    for (const { name, error } of await undo.run()) console.error(`undo ${name}:`, error)
  })
  const api = await connectApi()
  undo.push('api', () => api.close())
  const { kubectl } = await createNamespace(undo, api, 'image')
  const start = (name: string, ...args: readonly string[]) =>
    kubectl(['apply', '-f', '-'], JSON.stringify(pod(name, environment.image, args)))
  const ended = async (name: string): Promise<number> => {
    const phase = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'
    await kubectl(['wait', `--for=${phase}`, `pod/${name}`, '--timeout=60s'])
    return Number(await kubectl(['get', 'pod', name, '-o', phase]))
  }
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

  await Promise.all([start('version', 'version'), start('check', 'check', '--offline')])
  await start('service', 'run')
  assert.equal(await ended('version'), 0)
  assert.equal(
    (await kubectl(['logs', 'version'])).split(' (')[0],
    `${manifest.name} ${manifest.version}`,
  )
  assert.equal(await ended('check'), 0)
  await kubectl(['wait', '--for=condition=Ready', 'pod/service', '--timeout=60s'])

  const found = JSON.parse(await kubectl(['exec', 'service', '--', 'node', '-e', look]))
  assert.equal(found.uid, 1000)
  assert.deepEqual(found.others, [])
  const names = found.packages.map((each: string) => each.slice(0, each.lastIndexOf('@')))
  // The bundle has the packages of the service, which are development dependencies, and no tool.
  const tools = Object.keys(manifest.devDependencies).filter((name) => !bundledNames.includes(name))
  assert.deepEqual(
    names.filter((name: string) => tools.includes(name)),
    [],
  )
  assert.deepEqual(
    bundledNames.filter((name) => !names.includes(name)),
    [],
  )

  // Waits for the end; were SIGTERM not handled, the pod would be killed and end with 137.
  const terminate = 'process.kill(1, "SIGTERM")'
  await kubectl(['exec', 'service', '--', 'node', '-e', terminate]).catch(() => {})
  assert.equal(await ended('service'), 0)
  const log = await kubectl(['logs', 'service'])
  assert.match(log, /"event":"service\.stopped"/)
})
