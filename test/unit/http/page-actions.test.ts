import assert from 'node:assert/strict'
import test from 'node:test'
import { serve as serveApi, TOKEN } from './admin-server.ts'
import { serve } from './serve.ts'
import { BROWSER } from './serve-page.ts'

test('where operators can act, the page has what it needs for that, and else nothing of it', async (t) => {
  const parts = /data-act|\/page\/client\/actions\.js|id="acted"/
  const acting = await serve(t, { page: true, pageActions: true })
  const text = await (await acting.request('/', { headers: BROWSER })).text()
  for (const part of ['data-act="operate"', '/page/client/actions.js', 'id="acted"']) {
    assert.ok(text.includes(part), part)
  }
  const showing = await serve(t, { page: true, pageActions: false })
  assert.doesNotMatch(await (await showing.request('/', { headers: BROWSER })).text(), parts)
  const off = await serve(t, { page: false, pageActions: true })
  assert.equal((await off.request('/page/client/actions.js')).status, 404)
})

test('every module that the browser loads is there, and its imports are', async (t) => {
  const { request } = await serve(t, { page: true, pageActions: true })
  const open = ['/page/client/actions.js', '/page/client/client.css']
  const seen = new Set(open)
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const response = await request(path)
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/css'
    assert.deepEqual(
      [response.status, response.headers.get('content-type')],
      [200, `${type}; charset=utf-8`],
      path,
    )
    for (const [, name] of (await response.text()).matchAll(/from '\.\/([^']+)'/g)) {
      const next = `/page/client/${name}`
      if (!seen.has(next)) open.push(next)
      seen.add(next)
    }
  }
  assert.ok(seen.size > 5)
})

test('what a form of another origin can send does nothing', async (t) => {
  const { ask, calls } = await serveApi(t)
  const origin = 'https://elsewhere.example'
  const pause = '{"topic":"solana.transfers","x":"="}'
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
    const init = { method: 'POST', headers: { origin, 'content-type': type }, body: pause }
    assert.equal((await ask('/api/v1/pause', init)).code, 401, type)
    // Even if a browser had a token to add by itself.
    const authorization = `Bearer ${TOKEN}`
    const headers = { ...init.headers, authorization }
    assert.equal((await ask('/api/v1/pause', { ...init, headers })).code, 415, type)
  }
  const preflight = await ask('/api/v1/pause', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  })
  assert.equal(preflight.code, 401)
  assert.equal(preflight.headers.get('access-control-allow-origin'), null)
  assert.deepEqual(calls, [])
})
