import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import test, { type TestContext } from 'node:test'
import { at, manifests, renderScenario } from './tools/helm.ts'

/** The script of `helm test` as the pod gets it, run against a server that answers like this. */
async function helmTest(t: TestContext, answers: Readonly<Record<string, [number, string]>>) {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, '']
    response.writeHead(status).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const pod = manifests(renderScenario('plain')).find(({ kind }) => kind === 'Pod')
  const command = at(pod, 'spec.containers.0.command') as string[]
  const { port } = server.address() as AddressInfo
  const args = [...command.slice(1, -1), `http://127.0.0.1:${port}`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { output, code }
}

const metrics = (ready: number) =>
  [
    '# TYPE onchain_consumer_ready gauge',
    `onchain_consumer_ready ${ready}`,
    'onchain_consumer_member_partitions{member="consumer-0"} 4',
    'onchain_consumer_member_partitions{member="consumer-1"} 3',
  ].join('\n')

test('helm test passes for a member of the group, and says what it owns', async (t) => {
  const { output, code } = await helmTest(t, {
    '/readyz': [200, '{"ready":true}'],
    '/metrics': [200, metrics(1)],
    '/lag': [200, '{"partitions":[]}'],
  })
  assert.equal(code, 0, output)
  assert.match(output, /this pod owns 7 partitions/)
})

test('helm test fails for a pod that is not ready, and says why', async (t) => {
  const { output, code } = await helmTest(t, {
    '/readyz': [503, '{"ready":false,"reasons":["the topic does not exist"]}'],
    '/metrics': [200, metrics(0)],
    '/lag': [200, '{"partitions":[]}'],
  })
  assert.equal(code, 1)
  assert.match(output, /NOT OK: \/readyz.*the topic does not exist/)
  assert.match(output, /NOT OK: onchain_consumer_ready is 1, but it is 0/)
})

test('helm test fails when the metrics are not those of the service', async (t) => {
  const { output, code } = await helmTest(t, {
    '/readyz': [200, '{}'],
    '/metrics': [200, 'up 1'],
    '/lag': [200, '{}'],
  })
  assert.equal(code, 1)
  assert.match(output, /NOT OK: onchain_consumer_ready is 1, but it is null/)
})
