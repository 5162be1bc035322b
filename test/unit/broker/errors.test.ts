import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain, protocolType } from '../../../src/broker/errors.ts'
import { OccError } from '../../../src/kernel/errors.ts'

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code })
const ofProtocol = (message: string, type: string) => Object.assign(new Error(message), { type })

const rules: ReadonlyArray<[error: Error, code: string, retriable: boolean]> = [
  [new Error('SASL PLAIN mechanism is not supported by the server'), 'OCC_SASL_MECHANISM', false],
  [ofProtocol('no', 'UNSUPPORTED_SASL_MECHANISM'), 'OCC_SASL_MECHANISM', false],
  [ofProtocol('no', 'ILLEGAL_SASL_STATE'), 'OCC_SASL_NOT_SPOKEN', false],
  [new Error('SASL SCRAM SHA512 authentication failed: no'), 'OCC_AUTHENTICATION', false],
  [
    withCode('alert', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'OCC_TLS_CLIENT_CERTIFICATE_REQUIRED',
    false,
  ],
  [withCode('no', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'OCC_TLS_HOST_NAME', false],
  [withCode('no', 'SELF_SIGNED_CERT_IN_CHAIN'), 'OCC_TLS_UNKNOWN_CA', false],
  [withCode('no', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'OCC_TLS_UNKNOWN_CA', false],
  [withCode('no', 'CERT_HAS_EXPIRED'), 'OCC_TLS_EXPIRED', false],
  [new Error('ssl/tls alert bad certificate'), 'OCC_TLS_CLIENT_CERTIFICATE_REFUSED', false],
  [new Error('tlsv1 alert unknown ca'), 'OCC_TLS_CLIENT_CERTIFICATE_REFUSED', false],
  [withCode('no', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'OCC_TLS_NOT_SPOKEN', false],
  [ofProtocol('no', 'GROUP_AUTHORIZATION_FAILED'), 'OCC_GROUP_NOT_AUTHORIZED', false],
  [ofProtocol('no', 'TOPIC_AUTHORIZATION_FAILED'), 'OCC_TOPIC_NOT_AUTHORIZED', false],
  [ofProtocol('no', 'UNKNOWN_TOPIC_OR_PARTITION'), 'OCC_TOPIC_UNKNOWN', true],
  [ofProtocol('INVALID_TOPIC_EXCEPTION', 'INVALID_TOPIC_EXCEPTION'), 'OCC_TOPIC_UNKNOWN', true],
  [new Error('getaddrinfo ENOTFOUND kafka.invalid'), 'OCC_BROKER_UNREACHABLE', true],
  [withCode('connect', 'ECONNREFUSED'), 'OCC_BROKER_UNREACHABLE', true],
  [new Error('Connection timeout'), 'OCC_BROKER_UNREACHABLE', true],
  [new Error('Closed connection'), 'OCC_BROKER_CLOSED', true],
  [new Error('Broker not connected'), 'OCC_BROKER_CLOSED', true],
  [
    withCode('Client network socket disconnected before secure TLS connection', 'ECONNRESET'),
    'OCC_BROKER_CLOSED',
    true,
  ],
  [new Error('no answer within 15000 ms'), 'OCC_BROKER_TIMEOUT', true],
  [new Error('nothing was answered within 3000 ms'), 'OCC_BROKER_TIMEOUT', true],
  [new Error('Request Metadata(key: 3, version: 6) timed out'), 'OCC_BROKER_TIMEOUT', true],
  [new Error('does not speak Kafka: an answer of 1213486160 bytes'), 'OCC_KAFKA_NOT_SPOKEN', false],
  [new Error('something else'), 'OCC_BROKER', true],
]

for (const [error, code, retriable] of rules) {
  test(`${'code' in error ? error.code : error.message} is ${code}`, () => {
    const wrapped = new Error('outer', { cause: error })
    const explained = explain(wrapped, 'Consuming x')
    assert.equal(explained.code, code)
    assert.equal(explained.retriable, retriable)
    assert.match(explained.message, /^Consuming x/)
    assert.equal(explained.cause, wrapped)
  })
}

test('a socket error says more than that of kafkajs, and names the address', () => {
  const error = new Error('self-signed certificate in certificate chain')
  const last = { address: 'kafka:9093', error, clientCertificate: true }
  const explained = explain(new Error('Connection error'), 'Connecting', {
    last,
    coordinator: null,
  })
  assert.equal(explained.code, 'OCC_TLS_UNKNOWN_CA')
  assert.match(explained.message, /kafka:9093/)
})

test('an address is not named twice', () => {
  const last = { address: 'kafka:9093', error: new Error('x'), clientCertificate: true }
  const { message } = explain(new Error('y'), 'Metadata to kafka:9093', { last, coordinator: null })
  assert.equal(message, 'Metadata to kafka:9093: y')
})

test('a bad certificate means a missing one if none was shown', () => {
  const error = new Error('ssl/tls alert bad certificate')
  const last = { address: 'kafka:9093', error, clientCertificate: false }
  const explained = explain(error, 'Connecting', { last, coordinator: null })
  assert.equal(explained.code, 'OCC_TLS_CLIENT_CERTIFICATE_REQUIRED')
})

test('the reason why a coordinator was not found explains only that error', () => {
  const coordinator = ofProtocol('no', 'GROUP_AUTHORIZATION_FAILED')
  const errors = { last: null, coordinator }
  const notFound = new Error('Failed to find group coordinator')
  assert.equal(explain(notFound, 'Consuming', errors).code, 'OCC_GROUP_NOT_AUTHORIZED')
  assert.equal(explain(new Error('another'), 'Consuming', errors).code, 'OCC_BROKER')
})

test('an explained error is not changed; the type is found in any cause', () => {
  const own = new OccError('OCC_NO_OFFSET', 'none')
  assert.equal(explain(own, 'Consuming'), own)
  const deep = new Error('outer', { cause: new Error('x', { cause: ofProtocol('no', 'TYPE') }) })
  assert.equal(protocolType(deep), 'TYPE')
  assert.equal(protocolType(new Error('none')), null)
})

test('a remedy names the flag or argument that was given in place of a key', () => {
  const givenBy = { 'kafka.topics': 'the argument TOPIC', 'kafka.brokers': '--brokers' }
  const unknown = explain(ofProtocol('no', 'UNKNOWN_TOPIC_OR_PARTITION'), 'Reading', undefined, {
    givenBy,
  })
  assert.match(unknown.message, /Check the argument TOPIC, or create it\. /)
  const away = explain(withCode('no', 'ECONNREFUSED'), 'Reading', undefined, { givenBy })
  assert.match(away.message, /Check --brokers and that the broker is up/)
})
