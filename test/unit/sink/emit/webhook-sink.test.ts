import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { classify } from '../../../../src/handle/call/classify.ts'
import { systemClock } from '../../../../src/kernel/time/clock.ts'
import { createEmitSinks } from '../../../../src/sink/emit/emit-sinks.ts'
import type { EmitSink } from '../../../../src/sink/emit/types.ts'
import {
  createWebhookSink,
  type WebhookSinkOptions,
} from '../../../../src/sink/emit/webhook-sink.ts'
import { createCapturedLog } from '../../../support/captured-log.ts'
import { type Reaction, startWebhookReceiver } from '../../../support/servers/webhook-receiver.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OPTIONS: WebhookSinkOptions = {
  signature: 'standard',
  allowPrivate: true,
  batch: { values: 1, bytes: 1e6, within: 50 },
  concurrency: 4,
  connectTimeout: 5_000,
  timeout: 10_000,
  maxBytes: 1_000,
}

async function open(
  t: TestContext,
  react?: (index: number) => Reaction,
  options: Partial<WebhookSinkOptions> = {},
  others: Readonly<Record<string, EmitSink>> = {},
) {
  const receiver = await startWebhookReceiver(t, (_, index) => react?.(index) ?? { status: 204 })
  const log = createCapturedLog()
  const meter = { requests: 0 }
  const merged = { ...OPTIONS, url: receiver.url, ...options }
  const sink = createWebhookSink(merged, systemClock, log, meter)
  t.after(() => sink.close())
  const all = new Map(Object.entries({ hook: sink, ...others }))
  const names = new Map(Object.keys(others).map((name) => ['hook', name] as const))
  const { emit } = createEmitSinks(all, undefined, { names, onFallback() {} })
  return {
    ...{ receiver, log, meter, sink },
    emit: (id: string, value: unknown, more: { readonly replay?: true } = {}) =>
      emit({ handler: 'whale', id, ...more }, 'hook', value, null),
  }
}

test('a value is a signed request; the id is the same whenever it is emitted', async (t) => {
  const folder = temporaryFolder(t)
  const secretFile = join(folder, 'keys')
  writeFileSync(secretFile, `${KEY}\n`)
  const first = await open(t, undefined, { secretFile })
  await first.emit('solana/1', { amount: 5n })
  const second = await open(t, undefined, { secretFile })
  await second.emit('solana/1', { amount: 5n })
  await second.emit('solana/2', { amount: 5n })
  const [request] = first.receiver.received
  assert.ok(request !== undefined)
  const headers = request.headers as Record<string, string>
  assert.deepEqual(new Webhook(KEY).verify(request.body, headers), { amount: '5' })
  const ids = second.receiver.received.map((one) => one.headers['webhook-id'])
  assert.equal(ids[0], headers['webhook-id'])
  assert.notEqual(ids[1], ids[0])
})

test('what failed is tried again under its id; what was taken is not sent again', async (t) => {
  const { emit, receiver } = await open(t, (index) => (index === 0 ? 'close' : { status: 200 }))
  await assert.rejects(emit('1', 'a'), { code: 'OCC_EMIT' })
  await emit('1', 'a')
  await Promise.all([emit('1', 'a'), emit('1', 'a')])
  await emit('1', 'b')
  assert.deepEqual(
    receiver.received.map(({ body }) => body),
    ['a', 'a', 'b'],
  )
  assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1)
})

test('what an operator has handled once more is sent once more, also a moment later', async (t) => {
  const { emit, receiver } = await open(t)
  await emit('1', 'a')
  await emit('1', 'a', { replay: true })
  // Its record is tried again.
  await emit('1', 'a', { replay: true })
  assert.equal(receiver.received.length, 2)
})

test('whose fault an answer is: the value, or the receiver, whose records wait', async (t) => {
  const statuses = [400, 409, 411, 413, 414, 415, 422, 401, 403, 404, 408, 418, 500, 502, 301]
  const { emit } = await open(t, (index) => ({ status: statuses[index] ?? 200, body: 'no' }))
  for (const [index, status] of statuses.entries()) {
    const error = await emit(String(index), 'x').then(
      () => assert.fail(`${status} was taken`),
      (rejected: Error) => rejected,
    )
    const isOfValue = index < 7
    assert.equal(classify(error).fault, isOfValue ? 'record' : 'limit', String(status))
    assert.match(error.message, status === 301 ? /redirect/ : new RegExp(`answers ${status}: no`))
  }
})

test('what a receiver says about a request shows neither its URL nor its headers', async (t) => {
  const folder = temporaryFolder(t)
  const [urlFile, headersFile] = [join(folder, 'url'), join(folder, 'headers')]
  const said =
    'Cannot POST /services/T0/XXXXSECRET?k=QUERY-SECRET: XXXXSECRET, QUERY-SECRET, abcdefgh1'
  const react = () => ({ status: 404, body: said })
  const { emit, receiver } = await open(t, react, { url: undefined, urlFile, headersFile })
  writeFileSync(urlFile, receiver.url.replace('/hook', '/services/T0/XXXXSECRET?k=QUERY-SECRET'))
  writeFileSync(headersFile, 'Authorization: Bearer abcdefgh1\n')
  const error = await emit('1', 'x').catch((rejected: Error) => rejected)
  const hidden = '[redacted]'
  assert.ok(error instanceof Error)
  assert.match(error.message, /answers 404: Cannot POST \[redacted\]: /)
  assert.ok(error.message.endsWith([hidden, hidden, hidden].join(', ')), error.message)
})

test('a busy receiver gets nothing before the time that it names', async (t) => {
  const busy = { status: 503, headers: { 'retry-after': '1000' } }
  const { emit, receiver } = await open(t, (index) => (index === 0 ? busy : { status: 200 }))
  const after = async (work: Promise<unknown>) =>
    classify(
      await work.then(
        () => null,
        (error: unknown) => error,
      ),
    ).after
  assert.equal(await after(emit('1', 'a')), 1_000_000)
  const held = (await after(emit('2', 'b'))) ?? 0
  assert.ok(held > 900_000 && held <= 1_000_000, `asked to wait for ${held} ms`)
  assert.equal(receiver.received.length, 1)
})

test('410 stops the sink until its URL changes, and nothing becomes a letter', async (t) => {
  const urlFile = join(temporaryFolder(t), 'url')
  const gone = await open(t, () => ({ status: 410 }), { url: undefined, urlFile })
  writeFileSync(urlFile, gone.receiver.url)
  for (const id of ['1', '2', '3']) {
    const failed = await gone.emit(id, 'x').catch((error: unknown) => error)
    assert.equal(classify(failed).fault, 'limit')
  }
  assert.equal(gone.receiver.received.length, 1)
  assert.deepEqual(
    gone.log.lines.map(({ fields }) => fields.event),
    ['webhook.gone'],
  )
  const other = await startWebhookReceiver(t)
  writeFileSync(urlFile, other.url)
  await gone.emit('1', 'x')
  assert.equal(other.received.length, 1)
})

test('what the receiver refuses goes to the fallback, what it cannot take now does not', async (t) => {
  const kept: string[] = []
  const second: EmitSink = {
    async check() {},
    async write({ id, value }) {
      kept.push(`${id} ${value}`)
    },
    async close() {},
  }
  const statuses = [422, 500, 410]
  const react = (index: number) => ({ status: statuses[index] ?? 200 })
  const { emit } = await open(t, react, {}, { second })
  await emit('1', 'a')
  await assert.rejects(emit('2', 'b'), { code: 'OCC_EMIT' })
  await emit('3', 'c')
  await emit('4', 'x'.repeat(2_000))
  assert.deepEqual(
    kept.map((line) => line.slice(0, 3)),
    ['1 a', '3 c', '4 x'],
  )
})

test('a receiver that does not answer is given up after the timeout', async (t) => {
  const { emit } = await open(t, () => 'hang', { timeout: 100 })
  await assert.rejects(emit('1', 'a'), /did not answer within 100 ms/)
})

test('a status of 2xx takes the value, also if the text behind it never ends', async (t) => {
  const headers = { 'content-length': '100' }
  const react = (index: number) => ({ status: index === 0 ? 200 : 500, headers, body: 'x' })
  const { emit, receiver } = await open(t, react, { timeout: 100 })
  await emit('1', 'a')
  await assert.rejects(emit('2', 'a'), /did not answer within 100 ms/)
  assert.equal(receiver.received.length, 2)
})

test('a receiver that switches protocols has not answered', async (t) => {
  const headers = { connection: 'upgrade', upgrade: 'other' }
  const { emit } = await open(t, () => ({ status: 101, headers }))
  await assert.rejects(emit('1', 'a'), /closed the connection without an answer/)
})

test('a list has each value with its id; what is refused is found alone', async (t) => {
  const receiver = await startWebhookReceiver(t, ({ body }) => ({
    status: body.includes('"bad"') ? 422 : 200,
  }))
  const batch = { values: 10, bytes: 1e6, within: 50 }
  const { emit } = await open(t, undefined, { url: receiver.url, batch })
  const sent = await Promise.allSettled([emit('1', { a: 1n }), emit('2', 'bad'), emit('3', 'c')])
  assert.deepEqual(
    sent.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(JSON.parse(receiver.received[0]?.body ?? ''), [
    { id: '1', handler: 'whale', key: null, value: { a: '1' } },
    { id: '2', handler: 'whale', key: null, value: 'bad' },
    { id: '3', handler: 'whale', key: null, value: 'c' },
  ])
})

test('two requests are never closer than maxPerSecond allows', async (t) => {
  const options = { maxPerSecond: 20, concurrency: 20 }
  const { emit } = await open(t, () => ({ status: 200 }), options)
  const started = performance.now()
  await Promise.all(['1', '2', '3', '4', '5'].map((id) => emit(id, 'x')))
  // Four gaps of 50 ms: less cannot be, however slow the machine is.
  assert.ok(performance.now() - started >= 199)
})

test('files are read again for each request, and their content is never shown', async (t) => {
  const folder = temporaryFolder(t)
  const secretFile = join(folder, 'keys')
  const headersFile = join(folder, 'headers')
  writeFileSync(secretFile, 'nonsense-key')
  writeFileSync(headersFile, 'Authorization: Bearer first\n')
  const { emit, receiver, sink } = await open(t, undefined, { secretFile, headersFile })
  await assert.rejects(sink.check(), { code: 'OCC_WEBHOOK_KEY' })
  await assert.rejects(emit('1', 'a'), (error: Error) => !error.message.includes('nonsense'))
  writeFileSync(secretFile, KEY)
  await emit('1', 'a')
  writeFileSync(headersFile, 'Authorization: Bearer second\n')
  await emit('2', 'a')
  assert.deepEqual(
    receiver.received.map(({ headers }) => headers.authorization),
    ['Bearer first', 'Bearer second'],
  )
  assert.equal(
    receiver.received.some(({ headers }) => 'webhook-signature' in headers),
    true,
  )
})

test('when the sink is closed, what waits for its turn is not sent and not acknowledged', async (t) => {
  const { emit, sink, receiver } = await open(t, undefined, { maxPerSecond: 0.01 })
  await emit('1', 'a')
  const waiting = assert.rejects(emit('2', 'b'), { code: 'OCC_EMIT' })
  await sink.close()
  await waiting
  assert.equal(receiver.received.length, 1)
})
