import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { Webhook } from 'standardwebhooks'
import { signatureForms } from '../../../../src/sink/webhook/signatures.ts'

const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NEW = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

test('Standard Webhooks: the vector of its reference implementations', () => {
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    body: Buffer.from('{"test": 2432232314}'),
  }
  assert.deepEqual(signatureForms.standard(message, [OLD]), {
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('Standard Webhooks: while keys are rotated, receivers with the old and with the new one verify', () => {
  const timestamp = Math.floor(Date.now() / 1000)
  const message = { id: 'msg_1', timestamp, body: Buffer.from('{"amount":"1"}') }
  const headers = {
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    ...signatureForms.standard(message, [NEW, OLD]),
  }
  for (const key of [OLD, NEW]) {
    assert.deepEqual(new Webhook(key).verify(message.body.toString(), headers), { amount: '1' })
  }
  assert.throws(() => new Webhook(OLD).verify('{"amount":"2"}', headers))
})

test('Standard Webhooks: a key is whsec_ and base64, and an unusable one is not shown', () => {
  const message = { id: 'msg_1', timestamp: 1, body: Buffer.from('') }
  for (const key of [
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_short',
    'whsec_MfKQ9r8GKYqr TwjUPD8',
  ]) {
    assert.throws(
      () => signatureForms.standard(message, [key]),
      ({ code, message: text }: { code: string; message: string }) =>
        code === 'OCC_WEBHOOK_KEY' && !text.includes('MfKQ') && !text.includes('short'),
    )
  }
})

test('GitHub: the vector of its documentation', () => {
  const message = { id: '', timestamp: 0, body: Buffer.from('Hello, World!') }
  assert.deepEqual(signatureForms.github(message, ["It's a Secret to Everybody"]), {
    'x-hub-signature-256':
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  })
})

test('Stripe: verified by hand as its documentation says, with each key', () => {
  const message = { id: '', timestamp: 1492774577, body: Buffer.from('{"id":"evt_1"}') }
  const keys = ['whsec_new', 'whsec_old'] as const
  const { 'stripe-signature': header = '' } = signatureForms.stripe(message, [...keys])
  const pairs = header.split(',').map((pair) => pair.split('='))
  assert.deepEqual(
    pairs.map(([name]) => name),
    ['t', 'v1', 'v1'],
  )
  assert.deepEqual(pairs[0], ['t', '1492774577'])
  for (const [index, key] of keys.entries()) {
    const expected = createHmac('sha256', key).update('1492774577.{"id":"evt_1"}').digest('hex')
    assert.equal(pairs[index + 1]?.[1], expected)
  }
})
