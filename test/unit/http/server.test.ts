import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import test from 'node:test'
import { ENDPOINTS } from '../../../src/http/endpoints.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'
import type { Metrics } from '../../../src/observe/types.ts'
import { parseExposition } from '../observe/exposition.ts'
import { become, build, serve } from './serve.ts'

test('/metrics is valid for Prometheus and shows the status at that moment', async (context) => {
  const { state, request } = await serve(context)
  const scrape = async () => {
    const response = await request('/metrics')
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    return parseExposition(await response.text()).get('onchain_consumer_partition_lag_records')
  }
  assert.deepEqual(
    (await scrape())?.samples.map(({ value }) => value),
    [20],
  )
  become(state, { partitions: [] })
  assert.deepEqual((await scrape())?.samples, [])
})

test('an unknown query string changes no answer', async (context) => {
  const { request } = await serve(context)
  for (const { path } of ENDPOINTS.filter((endpoint) => endpoint.path !== '/metrics')) {
    const plain = await (await request(path)).text()
    const response = await request(`${path}?x=1&y[]=<b>&__proto__=1`)
    assert.deepEqual([response.status, await response.text()], [200, plain], path)
  }
})

test('the index lists the endpoints, as JSON or as a page, and each of them answers', async (context) => {
  const { json, request } = await serve(context)
  assert.deepEqual((await json('/')).body, { endpoints: ENDPOINTS })
  const page = await request('/', { headers: { accept: 'text/html,*/*' } })
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  const text = await page.text()
  for (const { path } of ENDPOINTS) {
    assert.ok(text.includes(`href="${path}"`))
    assert.equal((await request(path)).status, 200, path)
  }
})

test('an unknown path answers 404 with the endpoints', async (context) => {
  const { json } = await serve(context)
  assert.deepEqual(await json('/health?password=x'), {
    code: 404,
    body: { error: 'not found', endpoints: ENDPOINTS.map(({ path }) => path) },
  })
})

test('HEAD answers like GET without a body', async (context) => {
  const { state, request } = await serve(context)
  for (const { path } of ENDPOINTS) {
    const response = await request(path, { method: 'HEAD' })
    assert.deepEqual([response.status, await response.text()], [200, ''], path)
  }
  become(state, { state: 'draining' })
  assert.equal((await request('/readyz', { method: 'HEAD' })).status, 503)
  assert.equal((await request('/nowhere', { method: 'HEAD' })).status, 404)
})

test('only reads are allowed, and no body is accepted', async (context) => {
  const { request } = await serve(context)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const body = method === 'OPTIONS' ? null : '{"a":1}'
    const response = await request('/healthz', { method, body })
    assert.equal(response.status, 405, method)
    assert.equal(response.headers.get('allow'), 'GET, HEAD')
    assert.equal(response.headers.get('connection'), 'close')
  }
})

test('an internal failure answers 500 without its message or stack, which are logged', async (context) => {
  const lines: unknown[] = []
  const log: Log = { ...silentLog, error: (fields) => lines.push(fields) }
  const error = new Error('secret inside')
  const metrics: Metrics = { contentType: 'text/plain', render: () => Promise.reject(error) }
  const { request } = await serve(context, { log, metrics })
  const response = await request('/metrics?token=abc')
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.doesNotMatch(text, /secret|at /)
  assert.deepEqual(lines, [{ event: 'http.failed', path: '/metrics', error }])
})

test('an answer reveals nothing about the server and is not cacheable', async (context) => {
  const { request } = await serve(context)
  for (const path of ['/lag', '/nowhere', '/%zz']) {
    const { headers } = await request(path)
    assert.deepEqual([headers.get('server'), headers.get('x-powered-by')], [null, null])
    if (path !== '/%zz') assert.equal(headers.get('cache-control'), 'no-store')
  }
  assert.equal(await (await request('/%zz')).text(), '{"error":"bad request"}')
})

test('an answer that nobody takes is given up', { timeout: 30_000 }, async (context) => {
  const metrics: Metrics = { contentType: 'text/plain', render: async () => 'x'.repeat(2 ** 26) }
  const { port } = await serve(context, { metrics, silence: 200 })
  const served = new Promise<Socket>((resolve) => {
    const take = (message: unknown) => resolve((message as { socket: Socket }).socket)
    subscribe('net.server.socket', take)
    context.after(() => unsubscribe('net.server.socket', take))
  })
  const socket = connect(port, '127.0.0.1')
  context.after(() => socket.destroy())
  socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(await served, 'close')
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.on('close', resolve))
  assert.ok(bytes > 0 && bytes < 2 ** 26, `${bytes} bytes`)
})

test('a port in use is one clear error that names the port and the key', async (context) => {
  const { port } = await serve(context)
  const { server } = build({ port })
  context.after(() => server.close())
  await assert.rejects(server.listen(), (error) => {
    assert.ok(error instanceof OccError)
    assert.equal(error.code, 'OCC_HTTP_PORT_IN_USE')
    assert.match(error.message, new RegExp(`${port}.*http\\.port`))
    return true
  })
})

test('close() ends despite kept-alive connections and incomplete requests', async () => {
  const { server } = build()
  const { port } = await server.listen()
  const closed = ['', 'GET /lag HTTP/1.1\r\nhost: x\r\n'].map((text) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(text)
    return new Promise((resolve) => socket.on('close', resolve))
  })
  // Connections are accepted in order: after this answer the server has those two as well.
  const agent = new Agent({ keepAlive: true })
  const [response] = await once(get({ port, agent, path: '/lag' }), 'response')
  response.resume()
  await once(response, 'end')
  await server.close()
  await Promise.all(closed)
  agent.destroy()
  await server.close()
})

test('close() works on a server that never listened', async () => {
  await build().server.close()
})
