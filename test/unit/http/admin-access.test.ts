import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../src/kernel/errors.ts'
import { serve, TOKEN, TOPIC } from './admin-server.ts'

test('without a token file the admin API is off, and says how to enable it', async (context) => {
  const { get, post, calls } = await serve(context, () => null)
  for (const answer of [await get('/admin/state'), await post('/admin/pause', { topic: TOPIC })]) {
    assert.equal(answer.code, 404)
    assert.match(String(answer.body['error']), /off: set admin\.tokenFile/)
  }
  assert.deepEqual(calls, [])
})

test('only the exact token is accepted', async (context) => {
  const { ask, get, post, calls } = await serve(context)
  const none = await ask('/admin/state')
  assert.deepEqual([none.code, none.headers.get('www-authenticate')], [401, 'Bearer'])
  for (const given of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()]) {
    assert.equal((await get('/admin/state', given)).code, 401, given)
  }
  const basic = { headers: { authorization: `Basic ${TOKEN}` } }
  assert.equal((await ask('/admin/state', basic)).code, 401)
  assert.equal((await post('/admin/pause', { topic: TOPIC }, 'wrong')).code, 401)
  assert.equal((await get('/admin/nothing', 'wrong')).code, 401, 'also of what does not exist')
  assert.deepEqual(calls, [])
})

test('an address with too many wrong tokens has to wait; the right token is still accepted', async (context) => {
  const { get, time, log } = await serve(context)
  for (let count = 0; count < 10; count++) {
    assert.equal((await get('/admin/state', 'wrong')).code, 401)
  }
  const limited = await get('/admin/state', 'wrong')
  assert.deepEqual([limited.code, limited.headers.get('retry-after')], [429, '60'])
  const denied = () => log.lines.filter(({ fields }) => fields.event === 'admin.denied').length
  assert.equal(denied(), 10, 'not said any more')
  assert.equal((await get('/admin/state')).code, 200)
  time.monotonic = 59_999
  assert.equal((await get('/admin/state', 'wrong')).code, 429)
  time.monotonic = 60_000
  assert.equal((await get('/admin/state', 'wrong')).code, 401)
})

test('requests without a token are refused and do not fill the log, whoever sends them', async (context) => {
  let read = () => TOKEN
  const { ask, time, log } = await serve(context, () => read())
  const lines = (event: string) => log.lines.filter(({ fields }) => fields.event === event)
  for (let request = 0; request < 50; request++) {
    assert.equal((await ask('/admin/state')).code, 401)
  }
  assert.equal(lines('admin.denied').length, 10)
  time.monotonic = 60_000
  await ask('/api/v1/state')
  assert.match(lines('admin.denied')[10]?.text ?? '', /\(40 more since the last such line\.\)$/)
  read = () => {
    throw new OccError('OCC_SECRET_UNREADABLE', '/token names a file that does not exist')
  }
  for (let request = 0; request < 50; request++) {
    assert.equal((await ask('/admin/state')).code, 503)
  }
  assert.equal(lines('admin.token-unusable').length, 10)
})

test('a replaced token applies at once, and a file without one denies everybody', async (context) => {
  let read = () => TOKEN
  const { get, log } = await serve(context, () => read())
  read = () => 'another-token-of-some-length'
  assert.equal((await get('/admin/state')).code, 401)
  assert.equal((await get('/admin/state', 'another-token-of-some-length')).code, 200)
  read = () => {
    throw new OccError('OCC_SECRET_UNREADABLE', '/token names a file that does not exist')
  }
  assert.equal((await get('/admin/state')).code, 503)
  assert.ok(log.lines.some(({ text }) => text === '/token names a file that does not exist'))
})

test('the log shows who paused what, and never a token', async (context) => {
  const { get, post, log } = await serve(context)
  await post('/admin/pause', { topic: TOPIC, partition: 3 })
  await get('/admin/state', 'wrong-token-of-somebody')
  const line = log.lines.find(({ fields }) => fields.event === 'admin.paused')
  assert.equal(line?.text, 'An operator (operator) has paused partition 3 of solana.transfers')
  assert.equal(line?.fields['who'], 'operator')
  assert.equal(line?.fields['address'], '127.0.0.1')
  assert.ok(log.lines.some(({ fields }) => fields.event === 'admin.denied'))
  assert.doesNotMatch(JSON.stringify(log.lines), /a-token-that|wrong-token-of/)
})
