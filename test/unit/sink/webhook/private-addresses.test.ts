import assert from 'node:assert/strict'
import test from 'node:test'
import { createPoster } from '../../../../src/sink/webhook/post.ts'
import {
  isPrivateAddress,
  refusePrivate,
  refusePrivateHost,
} from '../../../../src/sink/webhook/private-addresses.ts'
import { startWebhookReceiver } from '../../../support/servers/webhook-receiver.ts'

const REFUSED = { code: 'OCC_WEBHOOK_ADDRESS' }

test('loopback, private, link-local and mapped addresses are private, others are not', () => {
  const own = [
    ...['127.0.0.1', '127.255.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255'],
    ...['::1', '::', 'fc00::1', 'fd12::1', 'fe80::1', 'ff02::1', '::ffff:127.0.0.1'],
    ...[
      '::ffff:10.0.0.1',
      '::127.0.0.1',
      '64:ff9b::10.0.0.1',
      '64:ff9b::a9fe:a9fe',
      '2002:7f00:1::',
      '::ffff:0:10.0.0.1',
      'fe80::1%eth0',
      '2001::1',
      '2001:20::1',
      '3fff::1',
      '5f00::1',
    ],
  ]
  assert.deepEqual(
    own.filter((address) => !isPrivateAddress(address)),
    [],
  )
  const open = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1']
  assert.deepEqual([...open, '64:ff9b::1.1.1.1', '2001:4860::8888'].filter(isPrivateAddress), [])
})

test('a private address in a URL is refused however it is written', () => {
  for (const host of ['127.1', '2130706433', '0x7f.0.0.1', '[::1]', '[::ffff:10.0.0.1]']) {
    assert.throws(() => refusePrivateHost(new URL(`https://${host}/`)), REFUSED, host)
  }
  refusePrivateHost(new URL('https://1.1.1.1/'))
})

test('a name that resolves to a private address is refused when it connects, and nothing arrives', async (t) => {
  const receiver = await startWebhookReceiver(t)
  const url = new URL(receiver.url.replace('127.0.0.1', 'localhost'))
  const options = { connectTimeout: 5_000, timeout: 5_000 }
  const posting = { url, headers: {}, body: Buffer.from('{}') }
  const guarded = createPoster({ ...options, allowPrivate: false })
  const open = createPoster({ ...options, allowPrivate: true })
  t.after(() => guarded.close())
  t.after(() => open.close())
  await assert.rejects(guarded.post(posting), REFUSED)
  await assert.rejects(refusePrivate(url), REFUSED)
  assert.equal(receiver.received.length, 0)
  assert.equal((await open.post(posting)).status, 200)
})
