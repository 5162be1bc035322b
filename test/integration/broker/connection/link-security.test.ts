import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseAddress } from '../../../../src/broker/connection/address.ts'
import { connectionPrototype } from '../../../../src/broker/connection/kafkajs-internals.ts'
import { type Link, openLink } from '../../../../src/broker/connection/link.ts'
import { metadataApi } from '../../../../src/broker/protocol/index.ts'
import { inspectCluster } from '../../../../src/broker/topics/inspect.ts'
import type { BrokerOptions } from '../../../../src/broker/types.ts'
import { brokerOptions, createCapturedLog, useOwnKafka } from '../../harness.ts'
import { assertNoSecretIn, secured, writeSecrets } from './secured.ts'

const SASL_HANDSHAKE = 17
const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((embedded) => embedded?.address === '::1')
const embedded = useOwnKafka(
  {
    properties: { 'connections.max.reauth.ms': '5000' },
    ...(hasIpv6 ? { advertise: { host: '::1' } } : {}),
  },
  ({ kafka }) => writeSecrets(kafka),
)
const log = createCapturedLog()

function link(t: { after(undo: () => void): void }, options: BrokerOptions): Link {
  const opened = openLink(parseAddress(options.brokers[0] ?? ''), options, log)
  t.after(() => opened.close())
  return opened
}

const brokerCount = async (open: Link) =>
  (await open.send(metadataApi, { topics: [] })).brokers.length
const withSan = () => embedded.kafka.brokers.saslSslSan

for (const mechanism of ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const) {
  test(`a client certificate and a login with ${mechanism}`, async (t) => {
    const open = link(t, secured(embedded.kafka, withSan(), {}, { mechanism }))
    assert.deepEqual(await Promise.all([brokerCount(open), brokerCount(open)]), [1, 1])
    assertNoSecretIn(log.lines)
  })
}

test('one link outlives the sessions of its login: it logs in again in time', async (t) => {
  const { send } = connectionPrototype
  let logins = 0
  connectionPrototype.send = function (request) {
    if (request.request.apiKey === SASL_HANDSHAKE) logins += 1
    return send.call(this, request) as never
  }
  t.after(() => {
    connectionPrototype.send = send
  })
  const open = link(t, secured(embedded.kafka, withSan()))
  let requests = 0
  while (logins < 4) {
    // Several at once: only the first of them logs in.
    assert.deepEqual(await Promise.all([brokerCount(open), brokerCount(open)]), [1, 1])
    requests += 2
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.ok(open.isOpen)
  assert.ok(requests > 3 * logins, `${logins} logins for ${requests} requests`)
})

test('what is wrong with a login or a certificate is said', async (t) => {
  const { plaintext } = embedded.kafka.brokers
  const { protocol: _, ...security } = secured(embedded.kafka, plaintext).security
  const cases: ReadonlyArray<[BrokerOptions, string]> = [
    [
      secured(
        embedded.kafka,
        withSan(),
        {},
        { passwordFile: join(embedded.kafka.folder, 'wrong-password') },
      ),
      'OCC_AUTHENTICATION',
    ],
    [
      secured(embedded.kafka, withSan(), { caFile: join(embedded.kafka.folder, 'foreign-ca.pem') }),
      'OCC_TLS_UNKNOWN_CA',
    ],
    [secured(embedded.kafka, embedded.kafka.brokers.saslSsl), 'OCC_TLS_HOST_NAME'],
    [
      brokerOptions(withSan(), {
        protocol: 'SSL',
        tls: { verify: 'full', caFile: embedded.kafka.certificates.ca },
      }),
      'OCC_TLS_CLIENT_CERTIFICATE_REQUIRED',
    ],
    [brokerOptions(plaintext, { ...security, protocol: 'SASL_PLAINTEXT' }), 'OCC_SASL_NOT_SPOKEN'],
  ]
  for (const [options, code] of cases) {
    const open = link(t, options)
    await assert.rejects(brokerCount(open), { code, retriable: false })
    assert.equal(open.isOpen, false)
  }
  const plain = link(t, brokerOptions(withSan(), { protocol: 'PLAINTEXT' }))
  await assert.rejects(brokerCount(plain), { code: /^OCC_(BROKER_CLOSED|KAFKA_NOT_SPOKEN)$/ })
  assertNoSecretIn(log.lines)
})

test('a real broker at an IPv6 address, for links and for kafkajs', async (t) => {
  const { external } = embedded.kafka.brokers
  if (external === undefined) return t.skip('no ::1 here')
  assert.match(external.plaintext, /^\[::1\]:\d+$/)
  for (const options of [
    brokerOptions(external.plaintext, { protocol: 'PLAINTEXT' }),
    secured(embedded.kafka, external.saslSslSan),
  ]) {
    const [address = ''] = options.brokers
    const open = link(t, options)
    assert.equal(open.address, address)
    const { brokers } = await open.send(metadataApi, { topics: [] })
    assert.deepEqual(
      brokers.map(({ host, port }) => ({ host, port })),
      [parseAddress(address)],
    )
  }
  // Without a login: kafkajs itself cannot keep one whose sessions are this short.
  const plaintext = brokerOptions(external.plaintext, { protocol: 'PLAINTEXT' })
  const found = await inspectCluster(plaintext, { topics: [], groupId: 'v6' }, log)
  assert.deepEqual(found.brokers, [{ id: 1, address: external.plaintext }])
})
