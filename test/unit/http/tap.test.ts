import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { ChainEvent } from '../../../src/decode/types.ts'
import type { Tapped, TapWish } from '../../../src/handle/tap.ts'
import type { TapSource } from '../../../src/http/api/tap.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { eventOf, recordAt } from '../handle/parts.ts'
import { build } from './serve.ts'

const TOKENS = { operate: 'a-token-that-nobody-guesses', read: 'a-token-that-only-reads' } as const
const NATIVE = { address: '', symbol: 'SOL', decimals: 9 }

function tapped(events: readonly ChainEvent[], document = 'a text'): Tapped {
  const record = { ...recordAt(7), timestamp: 1_000, key: Buffer.from('wallet') }
  const message = { record, encoding: 'plain', bytes: document.length, document, events }
  return { message, events, handlers: ['whale'] }
}

/** A server with a tap, and what was asked of it. */
async function serve(t: TestContext, changes: Partial<TapSource> = {}, isOff = false) {
  const viewers = new Map<TapWish, (shown: Tapped) => void>()
  const log = createCapturedLog()
  const revoked = new Set<string>()
  const tap: TapSource = {
    hidesValues: false,
    problem: () => null,
    filter: (text) => (text === 'bad' ? 'filter is bad' : { filter: null }),
    join(wish, show) {
      viewers.set(wish, show)
      return () => void viewers.delete(wish)
    },
    ...changes,
  }
  const { server } = build({
    log,
    admin: {
      readTokens: () =>
        (['operate', 'read'] as const)
          .filter((right) => !revoked.has(right))
          .map((right) => ({ name: right, right, token: TOKENS[right] })),
      knows: () => ({ pauses: [], topics: [], handlers: ['whale'], partitionsOf: () => null }),
      pause: () => Promise.reject(new Error('nothing is paused')),
      resume: () => Promise.reject(new Error('nothing is resumed')),
    },
    ...(!isOff && { tap }),
  })
  const { port } = await server.listen()
  t.after(() => server.close())
  const open = (query = '', token: string = TOKENS.read) =>
    fetch(`http://127.0.0.1:${port}/api/v1/tap${query}`, {
      headers: { authorization: `Bearer ${token}` },
    })
  const refusal = async (...given: Parameters<typeof open>) => {
    const response = await open(...given)
    const { detail } = (await response.json()) as { detail: string }
    return `${response.status} ${detail}`
  }
  return { viewers, log, open, refusal, revoked, server }
}

/** Its events, one by one: name and data. */
async function* eventsOf({ body }: Response) {
  let text = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      if (name !== '') yield { name, data: JSON.parse(data) }
    }
  }
}

test('records come as events, until the service stops', async (t) => {
  const { viewers, log, open, server } = await serve(t)
  const response = await open('?topic=transfers&handler=whale')
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const events = eventsOf(response)
  assert.deepEqual((await events.next()).value, {
    name: 'open',
    data: { seconds: 300, hidesValues: false },
  })
  const [[wish, show] = []] = viewers
  assert.deepEqual(wish, { topic: 'transfers', handler: 'whale', filter: null })
  show?.(tapped([eventOf('tx', { asset: NATIVE, amount: 1_500_000_000n, from: 'me', time: 0 })]))
  assert.deepEqual((await events.next()).value, {
    name: 'record',
    data: {
      ...{ topic: 'transfers', partition: 3, offset: 7, time: '1970-01-01T00:00:01.000Z' },
      ...{ handlers: ['whale'], key: 'wallet', moreEvents: 0 },
      events: [
        {
          ...{ kind: 'transfer', chain: 'solana', time: '1970-01-01T00:00:00.000Z', success: true },
          ...{ asset: 'SOL', assetAddress: '', id: 'tx', from: 'me', to: null, block: null },
          ...{ amount: '1.5', amountSmallest: '1500000000' },
        },
      ],
    },
  })
  const audit = log.lines.find(({ fields }) => fields.event === 'admin.tapped')?.fields
  assert.deepEqual([audit?.['who'], audit?.['topic']], ['read', 'transfers'])
  const closing = server.close()
  assert.deepEqual((await events.next()).value?.data, { reason: 'the service stops' })
  await closing
  assert.equal(viewers.size, 0)
})

test('a viewer that leaves is gone at once', async (t) => {
  const left = Promise.withResolvers<void>()
  const { open } = await serve(t, { join: () => left.resolve })
  const response = await open()
  await response.body?.cancel()
  await left.promise
})

test('it ends by itself', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { viewers, open } = await serve(t)
  const events = eventsOf(await open())
  await events.next()
  t.mock.timers.tick(300_000)
  const last = await events.next()
  assert.deepEqual([last.value?.name, viewers.size], ['end', 0])
  assert.equal((await events.next()).done, true)
})

test('a viewer whose token is revoked is let go with the next sign of life, others stay', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { viewers, open, revoked } = await serve(t)
  const events = eventsOf(await open())
  const other = eventsOf(await open('', TOKENS.operate))
  await Promise.all([events.next(), other.next()])
  t.mock.timers.tick(10_000)
  assert.equal(viewers.size, 2)
  revoked.add('read')
  t.mock.timers.tick(10_000)
  assert.deepEqual((await events.next()).value, {
    name: 'end',
    data: { reason: 'the token is not accepted any more' },
  })
  assert.equal(viewers.size, 1)
})

test('a viewer that takes nothing is let go, with its place', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { viewers, open } = await serve(t)
  const { body } = await open()
  const [[, show] = []] = viewers
  // More than the sockets hold.
  const lot = tapped([], 'x')
  for (let count = 0; count < 20_000; count++) show?.({ ...lot, handlers: ['x'.repeat(5_000)] })
  t.mock.timers.tick(10_000)
  assert.equal(viewers.size, 1)
  t.mock.timers.tick(10_000)
  assert.equal(viewers.size, 0)
  await assert.rejects(async () => {
    for await (const _ of body ?? []);
  })
})

test('hidden values: nothing but where a record is and what kind its events are', async (t) => {
  const { viewers, open } = await serve(t, { hidesValues: true })
  const events = eventsOf(await open())
  await events.next()
  const [[, show] = []] = viewers
  const secret = {
    id: 'tx',
    from: 'me',
    to: 'you',
    amount: 5n,
    asset: { ...NATIVE, address: 'mint' },
  }
  show?.(tapped([eventOf('tx', secret)]))
  const { data } = (await events.next()).value ?? {}
  assert.deepEqual(
    Object.keys(data).sort().join(),
    'events,handlers,moreEvents,offset,partition,time,topic',
  )
  assert.deepEqual(Object.keys(data.events[0]).sort().join(), 'asset,chain,kind,success,time')
  show?.(tapped([], 'the value'))
  assert.equal((await events.next()).value?.data.value, undefined)
})

test('what is shown of a record is bounded', async (t) => {
  const { viewers, open } = await serve(t)
  const events = eventsOf(await open())
  await events.next()
  const [[, show] = []] = viewers
  show?.(tapped(Array.from({ length: 700 }, (_, index) => eventOf(`e${index}`))))
  const many = (await events.next()).value?.data
  assert.deepEqual([many.events.length, many.moreEvents], [10, 690])
  const long = 'x'.repeat(9_000)
  const asset = { address: long, symbol: long, decimals: 0 }
  show?.(tapped([eventOf(long, { from: long, to: long, asset })]))
  const [{ id, from, to, ...event }] = (await events.next()).value?.data.events ?? []
  for (const text of [id, from, to, event.asset, event.assetAddress]) {
    assert.equal(text.length, 503)
  }
  show?.(tapped([], 'x'.repeat(9_000)))
  assert.equal((await events.next()).value?.data.value.length, 503)
  show?.(tapped([], 'x'.repeat(300_000)))
  assert.equal((await events.next()).value?.data.value, null)
})

test('nobody without a token; no unknown handler, no wrong filter, not more than five', async (t) => {
  const { open, refusal } = await serve(t)
  assert.match(await refusal('', 'a-token-that-is-wrong'), /^401 /)
  assert.equal(await refusal('?handler=minnow'), '404 there is no handler minnow; there are: whale')
  assert.equal(await refusal('?filter=bad'), '400 filter is bad')
  assert.match(await refusal('?topic=a%20b'), /^400 querystring\/topic /)
  await Promise.all(Array.from({ length: 5 }, () => open()))
  assert.match(await refusal(), /^503 5 viewers look already/)
})

test('switched off, or with worker threads, it says so', async (t) => {
  assert.match(await (await serve(t, {}, true)).refusal(), /^404 the tap is off: set http\.tap/)
  const { refusal } = await serve(t, { problem: () => 'worker threads handle the records' })
  assert.equal(await refusal(), '503 worker threads handle the records')
})
