import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspectCluster } from '../../../../src/broker/topics/inspect.ts'
import type { BrokerOptions } from '../../../../src/broker/types.ts'
import { brokerOptions, createCapturedLog, useOwnKafka } from '../../harness.ts'
import { assertNoSecretIn, PASSWORD, secured, WRONG_PASSWORD, writeSecrets } from './secured.ts'

const embedded = useOwnKafka(
  { properties: { 'sasl.enabled.mechanisms': 'SCRAM-SHA-512' } },
  async ({ kafka, createTopic }) => {
    await writeSecrets(kafka)
    await createTopic('secured')
  },
)
const file = (name: string) => join(embedded.kafka.folder, name)
const withSan = () => embedded.kafka.brokers.saslSslSan
const withoutSan = () => embedded.kafka.brokers.saslSsl

const clear: ReadonlyArray<[what: string, code: string, options: () => BrokerOptions]> = [
  [
    'a wrong password',
    'OCC_AUTHENTICATION',
    () => secured(embedded.kafka, withSan(), {}, { passwordFile: file('wrong-password') }),
  ],
  [
    'a user nobody knows',
    'OCC_AUTHENTICATION',
    () => secured(embedded.kafka, withSan(), {}, { username: 'nobody' }),
  ],
  [
    'no client certificate',
    'OCC_TLS_CLIENT_CERTIFICATE_REQUIRED',
    () => secured(embedded.kafka, withSan(), { certificateFile: undefined, keyFile: undefined }),
  ],
  [
    'a client certificate of a foreign CA',
    'OCC_TLS_CLIENT_CERTIFICATE_REFUSED',
    () =>
      secured(embedded.kafka, withSan(), {
        certificateFile: file('foreign-client.pem'),
        keyFile: file('foreign-client.key'),
      }),
  ],
  [
    'a broker of an unknown CA',
    'OCC_TLS_UNKNOWN_CA',
    () => secured(embedded.kafka, withSan(), { caFile: file('foreign-ca.pem') }),
  ],
  [
    'no CA given',
    'OCC_TLS_UNKNOWN_CA',
    () => secured(embedded.kafka, withSan(), { caFile: undefined }),
  ],
  [
    'a host name that does not match',
    'OCC_TLS_HOST_NAME',
    () => secured(embedded.kafka, withoutSan()),
  ],
  [
    'TLS to a plaintext port',
    'OCC_BROKER_CLOSED',
    () => secured(embedded.kafka, embedded.kafka.brokers.plaintext),
  ],
  [
    'plaintext to a TLS port',
    'OCC_BROKER_CLOSED',
    () => brokerOptions(withSan(), { protocol: 'PLAINTEXT' }),
  ],
  [
    'an unknown mechanism',
    'OCC_SASL_MECHANISM',
    () => secured(embedded.kafka, withSan(), {}, { mechanism: 'PLAIN' }),
  ],
  [
    'a login to a listener without SASL',
    'OCC_SASL_NOT_SPOKEN',
    () => ({
      ...secured(embedded.kafka, embedded.kafka.brokers.plaintext),
      security: { ...secured(embedded.kafka, withSan()).security, protocol: 'SASL_PLAINTEXT' },
    }),
  ],
  [
    'nothing listening',
    'OCC_BROKER_UNREACHABLE',
    () => brokerOptions('127.0.0.1:1', { protocol: 'PLAINTEXT' }),
  ],
  [
    'a name that cannot be resolved',
    'OCC_BROKER_UNREACHABLE',
    () => brokerOptions('kafka.invalid:9092', { protocol: 'PLAINTEXT' }),
  ],
  [
    'a certificate file that is not there',
    'OCC_FILE_UNREADABLE',
    () => secured(embedded.kafka, withSan(), { certificateFile: file('no-such-file') }),
  ],
  [
    'a password file that is not there',
    'OCC_FILE_UNREADABLE',
    () => secured(embedded.kafka, withSan(), {}, { passwordFile: file('no-such-file') }),
  ],
]

for (const [what, code, options] of clear) {
  test(`${what} is said clearly: ${code}`, async () => {
    const log = createCapturedLog()
    const looking = inspectCluster(options(), { topics: ['secured'], groupId: 's' }, log)
    await assert.rejects(looking, (error: Error & { code: string }) => {
      assert.equal(error.code, code, `${error.code}: ${error.message}`)
      assert.ok(!error.message.includes(WRONG_PASSWORD) && !error.message.includes(PASSWORD))
      return true
    })
    assertNoSecretIn(log.lines)
  })
}
