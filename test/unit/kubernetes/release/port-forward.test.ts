import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { connect } from '../../../../src/kubernetes/client/client.ts'
import { personalAccess } from '../../../../src/kubernetes/client/cluster-access.ts'
import { forwardPort } from '../../../../src/kubernetes/release/port-forward.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('an API server that never answers a port-forward is one error, in time', async (t) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const file = join(temporaryFolder(t), 'config')
  const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }
  writeFileSync(
    file,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'here' },
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
    }),
  )
  const api = await connect(personalAccess({ KUBECONFIG: file }), null, systemClock)
  t.after(() => api.close())
  await assert.rejects(forwardPort(api, { name: 'pod-0', port: 8080 }, 200), {
    code: 'OCC_KUBERNETES_UNREACHABLE',
    message:
      /get pods\/portforward\/pod-0: no answer from .*check the current context of the kubeconfig.*\[it did not connect within 0\.2 s\]/,
  })
  assert.equal(sockets.length, 1)
})
